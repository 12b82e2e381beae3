package dev.heirloom.control.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.certificate.AccessDirectory.ServerIdentity;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessDirectoryTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir private Path root;

  private AccessDirectory made(String name) throws IOException {
    return AccessDirectory.create(
        root.resolve(name), List.of("localhost", "fleet.example"), "id digest", NOW);
  }

  private void copy(String file, String from, String to) throws IOException {
    Files.copy(
        root.resolve(from).resolve(file),
        root.resolve(to).resolve(file),
        StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void aServersKeyWithoutItsCertificateIsReplacedWithBoth() throws Exception {
    AccessDirectory directory = made("one");
    made("other");
    // As a power cut between the two leaves them.
    copy("server.key", "other", "one");
    ServerIdentity server = directory.server(NOW);
    assertThat(CertificateAuthority.pair(server.certificate(), server.key())).isTrue();
    server.certificate().verify(directory.authority().certificate().getPublicKey());
    assertThat(server.certificate().getSubjectAlternativeNames().toString())
        .contains("fleet.example");
    assertThat(directory.server(NOW)).isEqualTo(server);
  }

  @Test
  void anAuthorityWithoutItsCertificateIsNotTakenForNone() throws Exception {
    made("one");
    Path directory = root.resolve("one");
    Files.delete(directory.resolve("ca.crt"));
    assertThatThrownBy(() -> AccessDirectory.existsWhole(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("put the certificate back");
    byte[] key = Files.readAllBytes(directory.resolve("ca.key"));
    assertThatThrownBy(() -> made("one")).isInstanceOf(IOException.class);
    assertThat(directory.resolve("ca.key")).hasBinaryContent(key);
    assertThat(AccessDirectory.existsWhole(root.resolve("nothing"))).isFalse();
  }

  @Test
  void aKeyOfAnotherAuthorityIsRefusedByName() throws Exception {
    AccessDirectory directory = made("one");
    made("other");
    copy("ca.key", "other", "one");
    assertThatThrownBy(directory::authority)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("ca.key")
        .hasMessageContaining("ca.crt");
  }

  @Test
  void keysAreTheirOwnersAlone() throws Exception {
    made("one");
    for (String file : List.of("ca.key", "server.key", "first-token")) {
      Path path = root.resolve("one").resolve(file);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .as(file)
          .isEqualTo("rw-------");
    }
  }
}
