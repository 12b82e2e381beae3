package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.heirloom.edge.Installation.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device on a real file system of a megabyte; needs the right to mount one. */
class SmallDiskIT {
  private static final int BLOCK = 4096;

  private final Path directory;

  SmallDiskIT(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void mount() throws Exception {
    assumeThat(ran("mount", "-t", "tmpfs", "-o", "size=1m", "none", directory.toString()))
        .as("the right to mount a file system of a megabyte")
        .isTrue();
  }

  @AfterEach
  void unmount() throws Exception {
    ran("umount", directory.toString());
  }

  private static boolean ran(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void withAnyNumberOfBlocksLeftAWholeHeirStaysAndTheNextTrySucceeds() throws Exception {
    Path ballast = directory.resolve("ballast");
    int turnedDown = 0;
    boolean through = false;
    for (int blocks = 0; !through; blocks++) {
      try (Installing device = new Installing(directory.resolve("state-" + blocks))) {
        long free = Files.getFileStore(directory).getUsableSpace();
        Files.write(ballast, new byte[Math.toIntExact(free - (long) blocks * BLOCK)]);
        Result result = device.promote();
        through = result instanceof Result.Installed;
        if (!through) {
          turnedDown++;
          device.assertTurnedDown(result);
          assertThat(device.restarted()).as("%d blocks left", blocks).isIn(1, 3);
        }
        Files.delete(ballast);
        assertThat(device.promote()).isInstanceOf(Result.Installed.class);
        device.assertServes(3);
        assertThat(device.restarted()).isEqualTo(3);
      }
      ran("rm", "-r", directory.resolve("state-" + blocks).toString());
    }
    assertThat(turnedDown).isGreaterThan(3);
  }
}
