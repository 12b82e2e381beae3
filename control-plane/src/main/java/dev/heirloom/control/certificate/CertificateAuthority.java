package dev.heirloom.control.certificate;

import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A key that says which certificates belong to one fleet. EC on P-256 with SHA-256 throughout: what
 * every TLS library speaks, and small. Immutable.
 */
public final class CertificateAuthority {
  private static final Duration CLOCKS_APART = Duration.ofMinutes(10);
  private static final int SERIAL_BITS = 126;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Pattern ADDRESS =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*");

  private final X509Certificate certificate;
  private final PrivateKey key;

  CertificateAuthority(X509Certificate certificate, PrivateKey key) {
    this.certificate = certificate;
    this.key = key;
  }

  /** A new one. */
  public static CertificateAuthority create(Instant now, Duration valid) {
    KeyPair pair = newKey();
    X500Name name = name("Heirloom fleet " + serial().toString(16).substring(0, 8));
    X509v3CertificateBuilder builder = builder(name, name, pair.getPublic(), now, valid);
    try {
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return new CertificateAuthority(signed(builder, pair.getPrivate()), pair.getPrivate());
  }

  /** A new EC key on P-256. */
  public static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** When an authority issued a certificate, to the second. */
  public static Instant issued(X509Certificate certificate) {
    return certificate.getNotBefore().toInstant().plus(CLOCKS_APART);
  }

  /** Whether a certificate is of a key. */
  static boolean pair(X509Certificate certificate, PrivateKey key) {
    byte[] anything = new byte[32];
    RANDOM.nextBytes(anything);
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key);
      signature.update(anything);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(anything);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** What clients and devices are given, to know the control plane by. */
  public X509Certificate certificate() {
    return certificate;
  }

  PrivateKey key() {
    return key;
  }

  /**
   * A certificate for a server.
   *
   * @param hosts names and addresses that it is called by
   */
  public X509Certificate server(PublicKey of, List<String> hosts, Instant now, Duration valid) {
    GeneralName[] names =
        hosts.stream()
            .map(
                host ->
                    new GeneralName(
                        ADDRESS.matcher(host).matches()
                            ? GeneralName.iPAddress
                            : GeneralName.dNSName,
                        host))
            .toArray(GeneralName[]::new);
    X509v3CertificateBuilder builder =
        builder(subject(), name("Heirloom control plane"), of, now, valid);
    try {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return signed(leaf(builder, of, KeyPurposeId.id_kp_serverAuth), key);
  }

  /** A certificate for a device. */
  public X509Certificate device(DeviceRequest request, Instant now, Duration valid) {
    X509v3CertificateBuilder builder =
        builder(subject(), name(request.device()), request.key(), now, valid);
    return signed(leaf(builder, request.key(), KeyPurposeId.id_kp_clientAuth), key);
  }

  private X509v3CertificateBuilder leaf(
      X509v3CertificateBuilder builder, PublicKey of, KeyPurposeId purpose) {
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      return builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
          .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
          .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
          .addExtension(
              Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(of))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              extensions.createAuthorityKeyIdentifier(certificate));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private X500Name subject() {
    return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
  }

  /**
   * The device that a certificate is of.
   *
   * @throws MalformedException with the reason why it says nothing
   */
  public String device(X509Certificate presented, Instant now) throws MalformedException {
    String serial = "certificate " + presented.getSerialNumber().toString(16);
    try {
      presented.verify(certificate.getPublicKey());
    } catch (GeneralSecurityException e) {
      boolean own = presented.getSubjectX500Principal().equals(presented.getIssuerX500Principal());
      throw new MalformedException(
          serial + (own ? " is self-signed" : " is foreign: another authority issued it"), e);
    }
    if (now.isAfter(presented.getNotAfter().toInstant())) {
      throw new MalformedException(serial + " expired at " + presented.getNotAfter().toInstant());
    }
    if (now.isBefore(presented.getNotBefore().toInstant())) {
      throw new MalformedException(
          serial + " is not valid before " + presented.getNotBefore().toInstant());
    }
    if (!purposes(presented).contains(KeyPurposeId.id_kp_clientAuth.getId())) {
      throw new MalformedException(serial + " is not a device's");
    }
    return DeviceRequest.commonName(
        X500Name.getInstance(presented.getSubjectX500Principal().getEncoded()));
  }

  private static List<String> purposes(X509Certificate presented) {
    try {
      List<String> purposes = presented.getExtendedKeyUsage();
      return purposes == null ? List.of() : purposes;
    } catch (CertificateException e) {
      return List.of();
    }
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, PublicKey key, Instant now, Duration valid) {
    if (!(key instanceof ECPublicKey)) {
      throw new IllegalArgumentException("key: " + key.getAlgorithm() + " (expected: EC)");
    }
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial(),
        Date.from(now.minus(CLOCKS_APART)),
        Date.from(now.plus(valid)),
        subject,
        key);
  }

  private static BigInteger serial() {
    return new BigInteger(SERIAL_BITS, RANDOM).setBit(SERIAL_BITS);
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException | CertificateException e) {
      throw new IllegalStateException(e);
    }
  }
}
