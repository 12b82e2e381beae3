package dev.heirloom.edge.identity;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.HeldKey;
import dev.heirloom.runtime.MalformedException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import javax.security.auth.x500.X500Principal;

/**
 * An EC key on P-256, by which a device is known. Its private half leaves the device in no message.
 */
public record DeviceKey(PrivateKey privateKey, PublicKey publicKey) {
  private static final String CURVE = "secp256r1";

  /** SEQUENCE of the object identifier 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758, 3.2). */
  private static final byte[] ECDSA_WITH_SHA256 = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
  };

  private static final byte[] VERSION_1 = Der.value(Der.INTEGER, new byte[] {0});
  private static final byte[] NO_UNUSED_BITS = {0};

  /** A new one. */
  public static DeviceKey create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      java.security.KeyPair pair = generator.generateKeyPair();
      return new DeviceKey(pair.getPrivate(), pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static DeviceKey of(HeldKey held) throws MalformedException {
    try {
      KeyFactory keys = KeyFactory.getInstance("EC");
      return new DeviceKey(
          keys.generatePrivate(new PKCS8EncodedKeySpec(held.getPrivateKey().toByteArray())),
          keys.generatePublic(new X509EncodedKeySpec(held.getPublicKey().toByteArray())));
    } catch (GeneralSecurityException e) {
      throw new MalformedException("identity: its key cannot be read", e);
    }
  }

  HeldKey held() {
    return HeldKey.newBuilder()
        .setPrivateKey(ByteString.copyFrom(privateKey.getEncoded()))
        .setPublicKey(ByteString.copyFrom(publicKey.getEncoded()))
        .build();
  }

  /**
   * The request to certify that a device has this key: PKCS #10 (RFC 2986), DER, signed by the key.
   */
  public ByteString request(String device) {
    byte[] asked =
        Der.value(
            Der.SEQUENCE,
            VERSION_1,
            new X500Principal("CN=" + device).getEncoded(),
            publicKey.getEncoded(),
            Der.value(Der.ATTRIBUTES));
    return ByteString.copyFrom(
        Der.value(
            Der.SEQUENCE,
            asked,
            ECDSA_WITH_SHA256,
            Der.value(Der.BIT_STRING, NO_UNUSED_BITS, signature(asked))));
  }

  private byte[] signature(byte[] asked) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(privateKey);
      signature.update(asked);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "DeviceKey";
  }
}
