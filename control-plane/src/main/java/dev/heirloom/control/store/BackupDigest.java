package dev.heirloom.control.store;

import dev.heirloom.runtime.family.Digest;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 over the names and contents of files in their order: what a ZIP file does not check. */
final class BackupDigest {
  private final MessageDigest all = Digest.start();
  private MessageDigest content = Digest.start();

  /** The content of the next file, which is to be read to its end. */
  InputStream reading(InputStream file) {
    content = Digest.start();
    return new DigestInputStream(file, content);
  }

  /** Takes in the file that was read last. */
  void read(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    all.update((bytes.length + " ").getBytes(StandardCharsets.UTF_8));
    all.update(bytes);
    all.update(content.digest());
  }

  /** In hexadecimal; ends the digest. */
  String hex() {
    return HexFormat.of().formatHex(all.digest());
  }
}
