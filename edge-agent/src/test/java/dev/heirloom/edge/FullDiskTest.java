package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.Installation.Result;
import dev.heirloom.edge.fixture.FaultyDisk;
import dev.heirloom.proto.v1.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices whose disk fills up at some write of an installation, whichever part makes it. */
class FullDiskTest {
  private final Path directory;

  FullDiskTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void aDiskThatFillsUpAtAnyWriteLeavesAWholeHeirAndTheNextTrySucceeds() throws Exception {
    Set<String> checks = new HashSet<>();
    int writes = 0;
    for (boolean through = false; !through; writes++) {
      FaultyDisk disk = new FaultyDisk(Files.createDirectory(directory.resolve("after-" + writes)));
      try (Installing device = new Installing(disk.directory())) {
        disk.fullAfter(writes);
        Result result = device.promote();
        through = result instanceof Result.Installed;
        if (through) {
          assertThat(disk.writes()).isEqualTo(writes);
        } else {
          Outcome failed = device.assertTurnedDown(result);
          checks.add(failed.getFailedCheck());
          assertThat(device.restarted()).as("full after %d writes", writes).isIn(1, 3);
        }
        disk.freed();
        assertThat(device.promote()).isInstanceOf(Result.Installed.class);
        device.assertServes(3);
        assertThat(device.restarted()).isEqualTo(3);
      }
    }
    assertThat(writes).isGreaterThan(20);
    assertThat(checks).containsExactlyInAnyOrder("trust", "fetch", "commit");
  }
}
