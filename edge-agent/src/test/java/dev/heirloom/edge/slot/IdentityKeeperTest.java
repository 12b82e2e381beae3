package dev.heirloom.edge.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.fixture.FaultyDisk;
import dev.heirloom.edge.identity.DeviceIdentity;
import dev.heirloom.edge.identity.DeviceKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityKeeperTest {
  private static final String DEVICE = "cam-1";

  @TempDir private Path root;

  private final List<String> notes = new ArrayList<>();

  private IdentityKeeper keeper() {
    return new IdentityKeeper(root, Disk.local(), notes::add);
  }

  private static DeviceIdentity asking() {
    return DeviceIdentity.none(DEVICE).asking(DeviceKey.create());
  }

  @Test
  void keepsTheKeyThatACertificateIsAskedFor() throws Exception {
    assertThat(keeper().read(DEVICE)).isEmpty();
    DeviceIdentity identity = asking();
    keeper().keep(identity);
    assertThat(keeper().read(DEVICE)).contains(identity);
    assertThat(notes).isEmpty();
  }

  @Test
  void aWrongNameCostsNoKey() throws Exception {
    DeviceIdentity own = asking();
    keeper().keep(own);
    DeviceIdentity other = DeviceIdentity.none("cam-7").asking(DeviceKey.create());
    assertThat(keeper().read("cam-7")).isEmpty();
    assertThat(notes).singleElement().asString().contains(DEVICE).contains("cam-7");
    keeper().keep(other);
    assertThat(keeper().read("cam-7")).contains(other);
    assertThat(keeper().read(DEVICE)).contains(own);
    DeviceIdentity later = own.asking(DeviceKey.create());
    keeper().keep(later);
    assertThat(keeper().read(DEVICE)).contains(later);
    assertThat(keeper().read("cam-7")).contains(other);
  }

  @Test
  void nobodyElseCanReadIt() throws Exception {
    keeper().keep(asking());
    keeper().keep(asking());
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("identity"))))
        .isEqualTo("rw-------");
  }

  @Test
  void saysWhatToDoWhereItIsDamaged() throws Exception {
    keeper().keep(asking());
    Path file = root.resolve("identity");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 7) {
      notes.clear();
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(keeper().read(DEVICE)).isEmpty();
      assertThat(notes).singleElement().asString().contains("revoked").contains("enrolled again");
    }
    for (int at = 0; at < whole.length; at += 5) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 4;
      Files.write(file, flipped);
      assertThat(keeper().read(DEVICE)).as("flipped at %d", at).isEmpty();
    }
  }

  @Test
  void aFullDiskLeavesTheOneBefore() throws Exception {
    DeviceIdentity before = asking();
    int writes = 0;
    for (boolean through = false; !through; writes++) {
      Path real = Files.createDirectory(root.resolve("after-" + writes));
      FaultyDisk disk = new FaultyDisk(real);
      IdentityKeeper keeper = new IdentityKeeper(disk.directory(), Disk.local(), notes::add);
      keeper.keep(before);
      DeviceIdentity next = asking();
      disk.fullAfter(writes);
      try {
        keeper.keep(next);
        through = true;
      } catch (IOException e) {
        disk.freed();
        assertThat(keeper.read(DEVICE).orElseThrow())
            .as("full after %d writes", writes)
            .isIn(before, next);
      }
    }
    assertThat(writes).isGreaterThan(3);
    assertThat(notes).isEmpty();
  }

  @Test
  void aDirectoryInItsPlaceGivesWay() throws Exception {
    Files.createDirectories(root.resolve("identity").resolve("something"));
    assertThat(keeper().read(DEVICE)).isEmpty();
    DeviceIdentity identity = asking();
    keeper().keep(identity);
    assertThat(keeper().read(DEVICE)).contains(identity);
  }

  @Test
  void neverShowsAKeyInText() {
    DeviceIdentity identity = asking();
    String modulus = identity.next().orElseThrow().privateKey().toString();
    assertThat(identity.toString()).doesNotContain(modulus).contains("DeviceKey");
  }
}
