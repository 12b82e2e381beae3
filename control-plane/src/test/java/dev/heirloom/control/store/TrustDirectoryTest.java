package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.SignedRoster;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.trust.DeviceTrust;
import dev.heirloom.runtime.trust.KeyRoster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustDirectoryTest {
  @TempDir private Path directory;

  private Path rosters() {
    return directory.resolve("rosters");
  }

  private Path keys() {
    return directory.resolve("keys");
  }

  @Test
  void makesKeysThatOnlyTheirOwnerCanRead() throws Exception {
    TrustDirectory made = TrustDirectory.create(rosters(), keys());
    for (String name : List.of("root.key", "release.key")) {
      assertThat(Files.getPosixFilePermissions(keys().resolve(name)))
          .containsExactlyInAnyOrder(
              PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }
    assertThat(made.releaseKey().orElseThrow().verification())
        .isEqualTo(made.current().releaseKeys().get(0));
    assertThatThrownBy(() -> TrustDirectory.create(rosters(), keys()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there are keys already");
  }

  @Test
  void aRosterThatIsAddedIsInForceForOneThatIsOpen() throws Exception {
    TrustDirectory.create(rosters(), keys());
    TrustDirectory running = TrustDirectory.open(rosters(), keys());
    KeyRoster first = running.current();
    KeyRoster second = TrustDirectory.open(rosters(), keys()).rotate(false);
    assertThat(running.current().version()).isEqualTo(2);
    assertThat(running.after(1)).containsExactly(second.signed());
    assertThat(running.after(0)).hasSize(2);
    assertThat(running.after(2)).isEmpty();
    assertThat(second.releaseKeyIds()).doesNotContainAnyElementsOf(first.releaseKeyIds());
    assertThat(second.rootKeys()).isEqualTo(first.rootKeys());
    assertThat(running.releaseKey()).isPresent();
  }

  @Test
  void devicesFollowToNewRootKeysAsWell() throws Exception {
    TrustDirectory made = TrustDirectory.create(rosters(), keys());
    made.rotate(true);
    KeyRoster third = made.rotate(false);
    List<SignedRoster> all = TrustDirectory.open(rosters(), keys()).after(0);
    DeviceTrust device = DeviceTrust.in(made.current()).follow(all);
    assertThat(device.roster().orElseThrow().version()).isEqualTo(third.version());
    assertThat(DeviceTrust.none().follow(all).roster().orElseThrow().version()).isEqualTo(3);
  }

  @Test
  void withoutTheRootKeyNothingIsRotated() throws Exception {
    TrustDirectory made = TrustDirectory.create(rosters(), keys());
    Files.delete(keys().resolve("root.key"));
    assertThatThrownBy(() -> made.rotate(false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a root key signs the next roster");
    assertThat(made.current().version()).isEqualTo(1);
    assertThat(made.releaseKey()).isPresent();
  }

  @Test
  void aReleaseKeyThatIsNotInForceDoesNotSign() throws Exception {
    TrustDirectory made = TrustDirectory.create(rosters(), keys());
    byte[] old = Files.readAllBytes(keys().resolve("release.key"));
    made.rotate(false);
    Files.write(keys().resolve("release.key"), old);
    assertThat(made.releaseKey()).isEmpty();
    Files.delete(keys().resolve("release.key"));
    assertThat(made.releaseKey()).isEmpty();
    Files.writeString(keys().resolve("release.key"), "secret");
    assertThatThrownBy(made::releaseKey)
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("release.key: not a signing key")
        .message()
        .doesNotContain("secret");
  }

  @Test
  void rostersThatDoNotFollowOneAnotherAreRefused() throws Exception {
    TrustDirectory.create(rosters(), keys());
    Path other = directory.resolve("other");
    TrustDirectory strangers = TrustDirectory.create(other, other);
    strangers.rotate(false);
    Files.copy(other.resolve("2.roster"), rosters().resolve("2.roster"));
    assertThatThrownBy(() -> TrustDirectory.open(rosters(), keys()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("2.roster: key compromise: ");
    assertThatThrownBy(() -> TrustDirectory.open(directory.resolve("none"), keys()))
        .hasMessageContaining("'heirloom init' makes the first");
  }
}
