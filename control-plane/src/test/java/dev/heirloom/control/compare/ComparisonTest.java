package dev.heirloom.control.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.demo.DemoFamily;
import dev.heirloom.control.demo.Disturbance;
import dev.heirloom.control.demo.ShapeSamples;
import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.Stage;
import dev.heirloom.runtime.sample.SampleWriter;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  @TempDir private Path directory;
  private Path report = Path.of("");

  @BeforeEach
  void writeTeacherAndSamples() throws Exception {
    report = directory.resolve("report");
    try (InputStream shapes = DemoFamily.class.getResourceAsStream("shapes.onnx")) {
      Files.write(directory.resolve("shapes.onnx"), Objects.requireNonNull(shapes).readAllBytes());
    }
    SampleWriter.write(
        ShapeSamples.render(120, 1, new Disturbance.None()), directory.resolve("train.npz"));
    SampleWriter.write(
        ShapeSamples.render(60, 2, new Disturbance.None()), directory.resolve("validate.npz"));
  }

  private ComparisonSettings settings(int steps, ComparedMethod... methods) {
    return new ComparisonSettings(
        directory.resolve("shapes.onnx"),
        directory.resolve("train.npz").toString(),
        directory.resolve("validate.npz").toString(),
        List.of(),
        List.of(0.35),
        List.of(1L),
        OptionalInt.of(steps),
        List.of(),
        Arrays.asList(methods),
        "cpu",
        2);
  }

  /** Keeps the notes, and ends the work when told to. */
  private static final class Listening implements Progress {
    private final List<String> notes = new ArrayList<>();
    private final BooleanSupplier cancelled;

    Listening(BooleanSupplier cancelled) {
      this.cancelled = cancelled;
    }

    @Override
    public void stage(Stage stage) {}

    @Override
    public void step(long done, long total, OptionalDouble loss) {}

    @Override
    public void note(String line) {
      notes.add(line);
    }

    @Override
    public boolean cancelled() {
      return cancelled.getAsBoolean();
    }
  }

  @Test
  void studentsMeetTheSizeAndEightBitsAgreeWithTheTeacher() throws Exception {
    ComparisonResult result =
        Comparison.run(
            settings(1, ComparedMethod.SCRATCH, ComparedMethod.INT8),
            report,
            new Listening(() -> false));
    assertThat(result.rows())
        .extracting(Row::method)
        .containsExactly(ComparedMethod.SCRATCH, ComparedMethod.INT8);
    double wanted = 0.35 * result.teacher().parameters();
    Row student = result.rows().get(0);
    assertThat(student.parameters().mean()).isCloseTo(wanted, within(0.1 * wanted));
    assertThat(student.samplesSeen().mean()).isEqualTo(108);
    Row int8 = result.rows().get(1);
    assertThat(int8.agreement().mean()).isGreaterThan(0.9);
    assertThat(int8.bytes().mean()).isLessThan(0.4 * result.teacher().bytes());
    assertThat(result.teacher().p50Ns()).isPositive();
  }

  @Test
  void anInterruptedComparisonGoesOnWithWhatIsMissing() throws Exception {
    ComparisonSettings settings = settings(1, ComparedMethod.SCRATCH, ComparedMethod.DISTILLED);
    Path cell = report.resolve("cells/scratch-0.35-seed1.json");
    assertThatThrownBy(
            () -> Comparison.run(settings, report, new Listening(() -> Files.exists(cell))))
        .isInstanceOf(CancelledException.class);
    assertThat(report.resolve("cells/distilled-0.35-seed1.json")).doesNotExist();
    String kept = Files.readString(cell);

    Listening again = new Listening(() -> false);
    ComparisonResult result = Comparison.run(settings, report, again);
    assertThat(Files.readString(cell)).isEqualTo(kept);
    assertThat(again.notes)
        .noneMatch(note -> note.contains("scratch"))
        .anyMatch(note -> note.contains("trial 2 of 2: distilled"));
    assertThat(result.rows()).hasSize(2);
  }

  @Test
  void oneInheritanceLeavesACellForEverySize() throws Exception {
    ComparisonSettings one = settings(1, ComparedMethod.HEIRLOOM);
    ComparisonSettings two =
        new ComparisonSettings(
            one.teacher(),
            one.train(),
            one.validate(),
            one.normalize(),
            List.of(0.5, 0.2),
            one.seeds(),
            one.steps(),
            one.students(),
            one.methods(),
            one.device(),
            one.threads());
    ComparisonResult result = Comparison.run(two, report, new Listening(() -> false));
    assertThat(result.rows()).hasSize(2);
    assertThat(result.rows().get(0).parameters().mean())
        .isGreaterThanOrEqualTo(result.rows().get(1).parameters().mean())
        .isLessThan((double) result.teacher().parameters());
    assertThat(result.rows().get(0).seconds()).isEqualTo(result.rows().get(1).seconds());
    try (var files = Files.list(report.resolve("cells"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "settings.json",
              "heirloom-0.5-seed1.json",
              "heirloom-0.5-seed1.onnx",
              "heirloom-0.2-seed1.json",
              "heirloom-0.2-seed1.onnx");
    }
  }

  @Test
  void cellsOfOtherSettingsAreNotMixed() throws Exception {
    Comparison.run(settings(1, ComparedMethod.INT8), report, new Listening(() -> false));
    assertThatThrownBy(
            () ->
                Comparison.run(
                    settings(2, ComparedMethod.INT8), report, new Listening(() -> false)))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("steps was '1' and is '2'");
  }

  @Test
  void aDirectoryOfSomethingElseIsLeftAlone() throws Exception {
    Files.createDirectories(report);
    Files.writeString(report.resolve("thesis.txt"), "mine");
    assertThatThrownBy(
            () ->
                Comparison.run(
                    settings(1, ComparedMethod.INT8), report, new Listening(() -> false)))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("not a comparison's report");
    assertThat(report.resolve("cells")).doesNotExist();
  }

  @Test
  void samplesThatAreMissingLeaveNothingBehind() throws Exception {
    ComparisonSettings settings = settings(1, ComparedMethod.INT8);
    Files.delete(directory.resolve("train.npz"));
    assertThatThrownBy(() -> Comparison.run(settings, report, new Listening(() -> false)))
        .isInstanceOf(NoSuchFileException.class);
    assertThat(report).doesNotExist();
  }
}
