package dev.heirloom.control.certificate;

import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * What a device asks to be certified: its name and its key. Whatever else a request asks for, it is
 * not heard.
 */
public record DeviceRequest(String device, PublicKey key) {
  private static final int LARGEST_BYTES = 4096;
  private static final int CURVE_BITS = 256;

  /**
   * Reads a request (PKCS #10, DER), which its key must have signed.
   *
   * @throws MalformedException where it is none, or of another sort of key
   */
  public static DeviceRequest parse(byte[] der) throws MalformedException {
    if (der.length == 0 || der.length > LARGEST_BYTES) {
      throw malformed(der.length + " bytes (expected: 1.." + LARGEST_BYTES + ")");
    }
    try {
      JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
      PublicKey key = request.getPublicKey();
      if (!(key instanceof ECPublicKey ec) || ec.getParams().getOrder().bitLength() != CURVE_BITS) {
        throw malformed("its key is not one on P-256");
      }
      if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
        throw malformed("its key did not sign it");
      }
      return new DeviceRequest(commonName(request.getSubject()), key);
    } catch (IOException
        | GeneralSecurityException
        | PKCSException
        | OperatorCreationException
        | RuntimeException e) {
      throw malformed("not a PKCS #10 request", e);
    }
  }

  static String commonName(X500Name name) throws MalformedException {
    RDN[] names = name.getRDNs(BCStyle.CN);
    if (names.length != 1) {
      throw malformed(names.length + " common names (expected: 1)");
    }
    return IETFUtils.valueToString(names[0].getFirst().getValue());
  }

  private static MalformedException malformed(String problem) {
    return new MalformedException("certificate_request: " + problem);
  }

  private static MalformedException malformed(String problem, Throwable cause) {
    return new MalformedException("certificate_request: " + problem, cause);
  }
}
