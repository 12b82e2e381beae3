package dev.heirloom.control.certificate;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/** Certificates and keys as text files. */
final class Pem {
  private static final long LARGEST_BYTES = 64 << 10;

  private Pem() {}

  static String text(String kind, byte[] content) {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
  }

  static String text(X509Certificate certificate) {
    try {
      return text("CERTIFICATE", certificate.getEncoded());
    } catch (CertificateException e) {
      throw new IllegalStateException(e);
    }
  }

  static String text(PrivateKey key) {
    return text("PRIVATE KEY", key.getEncoded());
  }

  static X509Certificate certificate(Path file) throws IOException, MalformedException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(read(file)));
    } catch (CertificateException e) {
      throw new MalformedException(file + ": not a certificate", e);
    }
  }

  static PrivateKey key(Path file) throws IOException, MalformedException {
    String text = new String(read(file), StandardCharsets.US_ASCII);
    try {
      byte[] content = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(content));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new MalformedException(file + ": not an EC key (PKCS #8)", e);
    }
  }

  private static byte[] read(Path file) throws IOException, MalformedException {
    if (Files.size(file) > LARGEST_BYTES) {
      throw new MalformedException(file + ": too long (expected: at most 64 KiB)");
    }
    return Files.readAllBytes(file);
  }

  /**
   * Writes a file whole or not at all, also where the power fails; {@code secret} ones for their
   * owner alone.
   */
  static void write(Path file, String text, boolean secret) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    if (secret) {
      DurableFiles.writePrivate(temporary, content);
    } else {
      DurableFiles.write(temporary, content);
    }
    DurableFiles.move(temporary, file);
  }
}
