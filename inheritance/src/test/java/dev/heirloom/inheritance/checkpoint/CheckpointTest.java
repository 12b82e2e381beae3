package dev.heirloom.inheritance.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.inheritance.checkpoint.CheckpointPolicy.Existing;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.runtime.family.FactorPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir private Path root = Path.of("");

  private static Settings settings(String rungs, String steps) {
    return new Settings(
        new TreeMap<>(Map.of("--rungs", rungs)), new TreeMap<>(Map.of("--steps", steps)));
  }

  private Path directory() {
    return root.resolve("family.checkpoint");
  }

  private Checkpoint open(Existing existing, Settings settings) throws IOException {
    return Checkpoint.open(
        new CheckpointPolicy(directory(), existing, Duration.ofSeconds(30)), settings);
  }

  private static Start start() {
    FactorPair gated =
        new FactorPair(
            "conv",
            LayerKind.LAYER_KIND_CONV,
            3,
            8,
            List.of(2, 1),
            2,
            floats(16),
            List.of(floats(6), floats(6)),
            floats(4));
    FactorPair plain =
        new FactorPair(
            "head",
            LayerKind.LAYER_KIND_LINEAR,
            5,
            4,
            List.of(),
            1,
            floats(4),
            List.of(floats(5)),
            new float[0]);
    LayerStatistics statistics =
        LayerStatistics.kept(new double[] {0.5, -3}, floats(3), floats(3), 49);
    return new Start(
        new Calibration(List.of(statistics), Map.of("image", List.of(1L, 28L))),
        List.of(gated, plain),
        List.of(49L, 1L),
        List.of(List.of(1, 1), List.of(2, 1)),
        Map.of("stem", "no rank makes it faster in the runtime"));
  }

  private static Factored factored() {
    Map<String, Factorization> factors = new LinkedHashMap<>();
    factors.put("stem", Factorization.of(floats(15), 3, 5, Optional.empty()));
    factors.put(
        "head", Factorization.upTo(2, floats(24), 6, 4, Optional.empty(), Optional.empty()));
    return new Factored(start().calibration(), factors);
  }

  private static float[] floats(int count) {
    SplittableRandom random = new SplittableRandom(count);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private void keepFactored() throws IOException {
    try (Checkpoint checkpoint = open(Existing.REFUSE, settings("6", "100"))) {
      checkpoint.keepFactored(factored());
    }
  }

  private void keepStart() throws IOException {
    try (Checkpoint checkpoint = open(Existing.REFUSE, settings("6", "100"))) {
      checkpoint.keepStart(start());
    }
  }

  @Test
  void givesBackLadderAndFactorsAsTheyWereKept() throws IOException {
    keepStart();

    try (Checkpoint checkpoint = open(Existing.RESUME, settings("6", "100"))) {
      Start kept = checkpoint.start().orElseThrow();
      Start expected = start();
      for (int i = 0; i < 2; i++) {
        FactorPair pair = kept.pairs().get(i);
        FactorPair original = expected.pairs().get(i);
        assertThat(pair.name()).isEqualTo(original.name());
        assertThat(pair.kind()).isEqualTo(original.kind());
        assertThat(pair.kernel()).isEqualTo(original.kernel());
        assertThat(pair.down()).isEqualTo(original.down());
        assertThat(pair.heads()).isEqualTo(original.heads());
        for (int head = 0; head < pair.heads(); head++) {
          assertThat(pair.up(head)).isEqualTo(original.up(head));
        }
        assertThat(pair.gate()).isEqualTo(original.gate());
      }
      LayerStatistics statistics = kept.calibration().layers().get(0);
      LayerStatistics calibrated = expected.calibration().layers().get(0);
      assertThat(kept.calibration().shapes()).isEqualTo(expected.calibration().shapes());
      assertThat(statistics.inputMean()).isEqualTo(calibrated.inputMean());
      assertThat(statistics.outputMean()).isEqualTo(calibrated.outputMean());
      assertThat(statistics.outputDeviation()).isEqualTo(calibrated.outputDeviation());
      assertThat(statistics.positions()).isEqualTo(calibrated.positions());
      assertThat(kept.positions()).isEqualTo(expected.positions());
      assertThat(kept.ranksByRung()).isEqualTo(expected.ranksByRung());
      assertThat(kept.leftDense()).isEqualTo(expected.leftDense());
      assertThat(checkpoint.training()).isEmpty();
    }
  }

  @Test
  void givesBackFactorsAsTheyWereKept() throws IOException {
    keepFactored();
    assertThat(Checkpoint.describe(directory())).contains("factors");

    try (Checkpoint checkpoint = open(Existing.RESUME, settings("6", "100"))) {
      Factored kept = checkpoint.factored().orElseThrow();
      Factored expected = factored();
      assertThat(kept.factors().keySet()).containsExactly("stem", "head");
      for (String name : kept.factors().keySet()) {
        Factorization factorization = Objects.requireNonNull(kept.factors().get(name));
        Factorization original = Objects.requireNonNull(expected.factors().get(name));
        int rank = original.largestRank();
        assertThat(factorization.largestRank()).isEqualTo(rank);
        assertThat(factorization.outputs()).isEqualTo(original.outputs());
        assertThat(factorization.inputs()).isEqualTo(original.inputs());
        assertThat(factorization.singularValues()).isEqualTo(original.singularValues());
        assertThat(factorization.up(rank)).isEqualTo(original.up(rank));
        assertThat(factorization.down(rank)).isEqualTo(original.down(rank));
      }
      assertThat(kept.calibration().shapes()).isEqualTo(expected.calibration().shapes());
      assertThat(checkpoint.describe()).isEqualTo("factors");
      assertThat(checkpoint.start()).isEmpty();
      assertThat(checkpoint.training()).isEmpty();
    }
  }

  @Test
  void theLadderTakesThePlaceOfTheFactors() throws IOException {
    try (Checkpoint checkpoint = open(Existing.REFUSE, settings("6", "100"))) {
      checkpoint.keepFactored(factored());
      checkpoint.keepStart(start());
    }
    assertThat(directory().resolve("factors")).doesNotExist();

    try (Checkpoint checkpoint = open(Existing.RESUME, settings("6", "100"))) {
      assertThat(checkpoint.factored()).isEmpty();
      assertThat(checkpoint.start()).isPresent();
    }
  }

  @Test
  void factorsAloneAreNoWorkThatMustNotBeLost() throws IOException {
    for (Existing existing : List.of(Existing.REFUSE, Existing.RESTART)) {
      keepFactored();
      try (Checkpoint checkpoint = open(existing, settings("4", "100"))) {
        assertThat(checkpoint.factored()).isEmpty();
        assertThat(directory().resolve("factors")).doesNotExist();
      }
      assertThat(directory()).doesNotExist();
    }
  }

  @Test
  void factorsOfOtherSettingsAreNotGoneOnWith() throws IOException {
    keepFactored();

    assertThatThrownBy(() -> open(Existing.RESUME, settings("4", "100")))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot resume " + directory() + ": --rungs was 6, is 4");
    assertThat(Checkpoint.describe(directory())).contains("factors");
  }

  @Test
  void refusesDamagedFactors() throws IOException {
    keepFactored();
    Path file = directory().resolve("factors");
    byte[] damaged = Files.readAllBytes(file);
    damaged[damaged.length / 2] ^= 1;
    Files.write(file, damaged);

    assertThatThrownBy(() -> open(Existing.RESUME, settings("6", "100")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("cannot resume: " + file);
  }

  @Test
  void doesNotOverwriteUnfinishedWorkUnasked() throws IOException {
    keepStart();

    assertThatThrownBy(() -> open(Existing.REFUSE, settings("6", "100")))
        .isInstanceOfSatisfying(
            CheckpointException.class,
            e ->
                assertThat(e.hints()).first().asString().contains("--resume").contains("--restart"))
        .hasMessage(directory() + " holds unfinished work of these settings");
    assertThatThrownBy(() -> open(Existing.REFUSE, settings("4", "100")))
        .hasMessage(directory() + " holds unfinished work of other settings: --rungs was 6, is 4");
    assertThat(Checkpoint.describe(directory())).contains("ladder and factors");
  }

  @Test
  void namesTheSettingThatDiffers() throws IOException {
    keepStart();

    assertThatThrownBy(() -> open(Existing.RESUME, settings("4", "100")))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("cannot resume " + directory() + ": --rungs was 6, is 4");
  }

  @Test
  void letsTheFineTuneBeSetUpOtherwiseBeforeItsFirstStep() throws IOException {
    keepStart();
    try (Checkpoint checkpoint = open(Existing.RESUME, settings("6", "50"))) {
      assertThat(checkpoint.start()).isPresent();
    }

    assertThatThrownBy(() -> open(Existing.REFUSE, settings("6", "100")))
        .hasMessageContaining("--steps was 50, is 100");
  }

  @Test
  void throwsUnfinishedWorkAwayWhenAsked() throws IOException {
    keepStart();

    try (Checkpoint checkpoint = open(Existing.RESTART, settings("4", "100"))) {
      assertThat(checkpoint.start()).isEmpty();
    }
    assertThat(directory()).doesNotExist();
  }

  @Test
  void hasNothingToResumeWhereNothingIs() {
    assertThatThrownBy(() -> open(Existing.RESUME, settings("6", "100")))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(directory() + " is not there: nothing to resume");
    assertThat(directory()).doesNotExist();
  }

  @Test
  void isOneProcessesAtATime() throws IOException {
    try (Checkpoint first = open(Existing.REFUSE, settings("6", "100"))) {
      first.keepStart(start());
      assertThatThrownBy(() -> open(Existing.RESTART, settings("6", "100")))
          .isInstanceOf(CheckpointException.class)
          .hasMessage(directory() + " is in use by another process");
    }
    assertThat(Checkpoint.describe(directory())).isPresent();
  }

  @Test
  void finishedWorkLeavesNothingBehind() throws IOException {
    try (Checkpoint checkpoint = open(Existing.REFUSE, settings("6", "100"))) {
      checkpoint.keepStart(start());
      checkpoint.finish();
    }
    assertThat(directory()).doesNotExist();
  }

  @Test
  void refusesEveryFlippedBitAndEveryCut() throws IOException {
    keepStart();
    Path file = directory().resolve("start");
    byte[] whole = Files.readAllBytes(file);
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 300; round++) {
      byte[] damaged;
      if (round % 3 == 0) {
        damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
      } else {
        damaged = whole.clone();
        damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(file, damaged);
      assertThatThrownBy(() -> open(Existing.RESUME, settings("6", "100")))
          .as("round %d of seed 7", round)
          .isInstanceOfSatisfying(
              CheckpointException.class,
              e -> assertThat(e.hints()).first().asString().contains("--restart"))
          .message()
          .startsWith("cannot resume: " + file)
          .doesNotContain("\n");
    }
    Files.write(file, whole);
    try (Checkpoint checkpoint = open(Existing.RESUME, settings("6", "100"))) {
      assertThat(checkpoint.start()).isPresent();
    }
  }

  @Test
  void allocatesNothingForALengthThatTheFileDoesNotHave() throws IOException {
    keepStart();
    SealedFile.write(
        directory().resolve("start"),
        out -> {
          KeptCalibration.write(out, new Calibration(List.of(), Map.of()));
          out.writeInt(1);
          ContentWriter.text(out, "huge");
          out.writeInt(LayerKind.LAYER_KIND_LINEAR.getNumber());
          out.writeInt(1 << 30);
          out.writeInt(1 << 30);
          out.writeInt(0);
          out.writeInt(1);
          out.writeInt(1);
        });

    assertThatThrownBy(() -> open(Existing.RESUME, settings("6", "100")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("down of huge: 4294967296 bytes (expected: at most 0)");
  }

  @Test
  void refusesAnotherVersion() throws Exception {
    keepStart();
    Path file = directory().resolve("start");
    byte[] bytes = Files.readAllBytes(file);
    bytes[11] = 2;
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, bytes.length - 32));
    System.arraycopy(digest, 0, bytes, bytes.length - 32, 32);
    Files.write(file, bytes);

    assertThatThrownBy(() -> open(Existing.RESUME, settings("6", "100")))
        .hasMessageContaining("version 2 (expected: 1)");
  }

  @Test
  void anInterruptDoesNotBreakAWriteOff() throws IOException {
    try (Checkpoint checkpoint = open(Existing.REFUSE, settings("6", "100"))) {
      Thread.currentThread().interrupt();
      checkpoint.keepStart(start());
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(Checkpoint.describe(directory())).contains("ladder and factors");
  }

  @Test
  void toldApartAreFilesByNumberSizeAndTime() throws IOException {
    Path data = Files.createDirectories(root.resolve("data"));
    Files.write(data.resolve("a"), new byte[10]);
    String one = FileIdentity.of(data.toString());
    Files.write(data.resolve("b"), new byte[10]);
    String two = FileIdentity.of(data.toString());

    assertThat(one).contains("1 files, 10 bytes");
    assertThat(two).contains("2 files, 20 bytes");
    assertThat(FileIdentity.of(data.resolve("a") + "," + data.resolve("b")))
        .contains(data.resolve("a") + ": 1 files")
        .contains(data.resolve("b") + ": 1 files");
    assertThat(FileIdentity.of("none.npz")).isEqualTo("none.npz");
  }
}
