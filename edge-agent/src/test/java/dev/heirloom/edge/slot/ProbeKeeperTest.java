package dev.heirloom.edge.slot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.measure.MicroProbes;
import dev.heirloom.runtime.session.SessionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeKeeperTest {
  private static final String HERE = "arm64, 4 cores, threads 1";

  @TempDir private Path root;

  private final List<String> notes = new ArrayList<>();
  private int runs;

  private Optional<dev.heirloom.proto.v1.ProbeTimes> times(String runWith) {
    return new ProbeKeeper(root, Disk.local(), notes::add).times(runWith, this::measured);
  }

  /** Other times each time. */
  private ProbeTimes measured() {
    runs++;
    return new ProbeTimes(MicroProbes.VERSION, List.of(100L * runs, 2000L));
  }

  private void assertMeasured(Supplier<Optional<dev.heirloom.proto.v1.ProbeTimes>> times, int run) {
    assertThat(times.get().orElseThrow().getNsList()).containsExactly(100L * run, 2000L);
    assertThat(runs).isEqualTo(run);
  }

  @Test
  void isMeasuredOnceAndKept() {
    assertMeasured(() -> times(HERE), 1);
    assertThat(notes).singleElement().asString().matches("2 micro-probes took \\d+\\.\\d\\d s");
    assertMeasured(() -> times(HERE), 1);
    assertThat(notes).hasSize(1);
  }

  @Test
  void isMeasuredAgainWithOtherThreadsOrOnAnotherMachine() {
    assertMeasured(() -> times(HERE), 1);
    assertMeasured(() -> times("arm64, 4 cores, threads 2"), 2);
    assertMeasured(() -> times("arm64, 4 cores, threads 2"), 2);
  }

  @Test
  void isMeasuredAgainWhereTheFileIsDamaged() throws Exception {
    assertMeasured(() -> times(HERE), 1);
    Path file = root.resolve("probes");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      int run = runs;
      assertMeasured(() -> times(HERE), run + 1);
    }
    Files.write(file, new byte[1 << 16]);
    int run = runs;
    assertMeasured(() -> times(HERE), run + 1);
    Files.delete(file);
    Files.createDirectory(file);
    assertMeasured(() -> times(HERE), run + 2);
    assertMeasured(() -> times(HERE), run + 2);
    assertThat(notes).anyMatch(note -> note.contains("damaged; they are run again"));
  }

  @Test
  void goesWithoutWhereTheProbesFail() {
    ProbeKeeper keeper = new ProbeKeeper(root, Disk.local(), notes::add);
    assertThat(
            keeper.times(
                HERE,
                () -> {
                  throw new SessionException("no such operator");
                }))
        .isEmpty();
    assertThat(notes)
        .containsExactly(
            "micro-probes failed (no such operator); what suits this device is learnt from its"
                + " windows alone");
    assertThat(root.resolve("probes")).doesNotExist();
  }

  @Test
  void isUsedWhereItCannotBeKept() throws Exception {
    Path gone = Files.createFile(root.resolve("gone"));
    ProbeKeeper keeper = new ProbeKeeper(gone, Disk.local(), notes::add);
    assertThat(keeper.times(HERE, this::measured)).isPresent();
    assertThat(notes).anyMatch(note -> note.contains("cannot be kept"));
  }
}
