package dev.heirloom.inheritance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.inheritance.checkpoint.Checkpoint;
import dev.heirloom.inheritance.checkpoint.CheckpointException;
import dev.heirloom.inheritance.checkpoint.CheckpointPolicy;
import dev.heirloom.inheritance.checkpoint.CheckpointPolicy.Existing;
import dev.heirloom.inheritance.checkpoint.FileIdentity;
import dev.heirloom.inheritance.checkpoint.Settings;
import dev.heirloom.inheritance.checkpoint.Start;
import dev.heirloom.inheritance.sample.Augmentation;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.Arithmetic;
import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Patch;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.FloatBytes;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.family.Wire;
import dev.heirloom.runtime.family.WireShare;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.MicroProbes;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.Probe;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InheritanceTest {

  private static final int SIDE = 12;
  private static final int CLASSES = 4;

  @TempDir private Path directory;

  /** Convolutions wide enough that a factored one is far faster than the dense one. */
  private static OnnxModel wide() throws Exception {
    return new TinyModels(5)
        .input("image", -1, 1, SIDE, SIDE)
        .block("image", "a", 1, 128, 1)
        .block("a", "b", 128, 128, 1)
        .block("b", "c", 128, 128, 1)
        .node("GlobalAveragePool", List.of("c"), "pooled")
        .node("Flatten", List.of("pooled"), "flat")
        .weight("head", 0.5, 128, CLASSES)
        .weight("offset", 0.1, CLASSES)
        .node("Gemm", List.of("flat", "head", "offset"), "scores")
        .output("scores", -1, CLASSES)
        .build();
  }

  private static OnnxModel narrow() throws Exception {
    return new TinyModels(5)
        .input("image", -1, 1, SIDE, SIDE)
        .block("image", "a", 1, 8, 1)
        .node("GlobalAveragePool", List.of("a"), "pooled")
        .node("Flatten", List.of("pooled"), "flat")
        .weight("head", 0.5, 8, CLASSES)
        .weight("offset", 0.1, CLASSES)
        .node("Gemm", List.of("flat", "head", "offset"), "scores")
        .output("scores", -1, CLASSES)
        .build();
  }

  private Path write(OnnxModel model) throws Exception {
    return Files.write(directory.resolve("teacher.onnx"), model.bytes());
  }

  private String samples(String name, int size, long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] pixels = new byte[size * SIDE * SIDE];
    random.nextBytes(pixels);
    long[] labels = random.longs(size, 0, CLASSES).toArray();
    Path file = directory.resolve(name);
    SampleWriter.write(
        SampleSet.of(size)
            .input(
                "image",
                ElementType.ELEMENT_TYPE_UINT8,
                List.of(1L, (long) SIDE, (long) SIDE),
                ByteBuffer.wrap(pixels))
            .labels(1, labels)
            .build(),
        file);
    return file.toString();
  }

  private static InheritOptions kept(Tuning tuning) {
    return new InheritOptions(
            LadderOptions.of(3), MethodOptions.of(Method.HEIRLOOM), OptionalInt.of(6), 1, "cpu", 1)
        .with(tuning);
  }

  private static InheritOptions options(int steps) {
    return new InheritOptions(
        LadderOptions.of(3), MethodOptions.of(Method.HEIRLOOM), OptionalInt.of(steps), 1, "cpu", 1);
  }

  /** Ends the inheritance in one stage, or never. */
  private static class Listening implements Progress {
    private final Optional<Stage> cancelIn;
    private Stage current = Stage.READ;

    Listening(Optional<Stage> cancelIn) {
      this.cancelIn = cancelIn;
    }

    @Override
    public void stage(Stage stage) {
      current = stage;
    }

    @Override
    public void step(long done, long total, OptionalDouble loss) {
      assertThat(done).isBetween(0L, total);
    }

    @Override
    public void note(String line) {}

    @Override
    public boolean cancelled() {
      return cancelIn.equals(Optional.of(current));
    }
  }

  /** A PNG for each sample, in a directory for each class. */
  private String images(String name, int perClass, long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    for (int label = 0; label < CLASSES; label++) {
      Path of = Files.createDirectories(directory.resolve(name).resolve("class-" + label));
      for (int i = 0; i < perClass; i++) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
          image.getRaster().setSample(pixel % SIDE, pixel / SIDE, 0, random.nextInt(256));
        }
        ImageIO.write(image, "png", of.resolve(i + ".png").toFile());
      }
    }
    return directory.resolve(name).toString();
  }

  private InheritReport augmented(String train, OnnxModel model, String changes, Progress progress)
      throws Exception {
    InheritOptions options = options(2).with(Augmentation.parse(changes));
    return Inheritance.run(
        write(model),
        train,
        samples("validate.npz", 50, 2),
        List.of(),
        directory.resolve("family"),
        options,
        progress);
  }

  @Test
  void learnsFromAugmentedImagesInDirectories() throws Exception {
    InheritReport report =
        augmented(images("train", 20, 1), wide(), "crop=1,flip", new Listening(Optional.empty()));
    assertThat(Family.open(report.family()).ladder().rungs()).isNotEmpty();
  }

  @Test
  void refusesAugmentationLargerThanTheImagesBeforeReadingThem() throws Exception {
    assertThatThrownBy(() -> augmented("none", wide(), "crop=12", new Listening(Optional.empty())))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("crop of 12 pixels (expected: less than image's 12 × 12)");
  }

  @Test
  void endsWhileItReads() throws Exception {
    String train = samples("train.npz", 200, 1);
    AtomicBoolean stepped = new AtomicBoolean();
    Progress progress =
        new Listening(Optional.empty()) {
          @Override
          public void step(long done, long total, OptionalDouble loss) {
            stepped.set(true);
          }

          @Override
          public boolean cancelled() {
            return stepped.get();
          }
        };
    assertThatThrownBy(() -> augmented(train, wide(), "", progress))
        .isInstanceOf(CancelledException.class);
  }

  private InheritReport inherit(OnnxModel model, int steps, Progress progress) throws Exception {
    return Inheritance.run(
        write(model),
        samples("train.npz", 200, 1),
        samples("validate.npz", 50, 2),
        List.of(),
        directory.resolve("family"),
        options(steps),
        progress);
  }

  @Test
  void everyRungOfAWrittenFamilyRunsAndIsSmallerThanTheNext() throws Exception {
    InheritReport report = inherit(wide(), 2, new Listening(Optional.empty()));

    Family family = Family.open(report.family());
    assertThat(family.ladder().rungs()).isEqualTo(report.rungs()).isNotEmpty();
    assertThat(report.layers()).hasSize(2);
    long smaller = 0;
    for (int rung = 1; rung <= family.ladder().size(); rung++) {
      assertThat(family.ladder().rung(rung).parameters()).isGreaterThan(smaller);
      smaller = family.ladder().rung(rung).parameters();
      byte[] heir = HeirAssembler.assemble(family.manifest(), rung, family.blobs());
      try (OnnxSession session = OnnxSession.open(heir, SessionSettings.cpu(1))) {
        float[] image = new float[3 * SIDE * SIDE];
        TensorValue scores =
            session.runFirst(Map.of("image", TensorValue.floats(image, 3, 1, SIDE, SIDE)));
        assertThat(scores.dims()).containsExactly(3, CLASSES);
      }
    }
    assertThat(smaller).isLessThan(report.teacher().getParameters());
  }

  @Test
  void aFamilyTellsWhatItsMakersMachineTookForTheMicroProbes() throws Exception {
    InheritReport report = inherit(wide(), 2, new Listening(Optional.empty()));

    Ladder ladder = Family.open(report.family()).ladder();
    LadderTiming timing = ladder.timings().get(0);
    assertThat(timing.threads()).isEqualTo(1);
    assertThat(timing.probes().version()).isEqualTo(MicroProbes.VERSION);
    for (int rung = 1; rung <= ladder.size(); rung++) {
      assertThat((double) timing.rung(rung).p50Ns() / ladder.rung(rung).latencyP50Ns())
          .as("the same rung, timed once more, of %s", timing)
          .isBetween(0.1, 10.0);
      double convolutions =
          timing.rung(rung).shares().subList(2, 5).stream().mapToDouble(s -> s).sum();
      assertThat(convolutions).as("of a network of convolutions").isGreaterThan(0.5);
    }
  }

  @Test
  void halfPrecisionHalvesWhatIsWrittenAndIsMeasuredAsItIsWritten() throws Exception {
    String train = samples("train.npz", 200, 1);
    String validate = samples("validate.npz", 50, 2);
    InheritReport report =
        Inheritance.run(
            write(wide()),
            train,
            validate,
            List.of(),
            directory.resolve("family"),
            options(2).with(Wire.FP16),
            new Listening(Optional.empty()));

    assertThat(report.wire()).isEqualTo(WireShare.of(Family.open(report.family()).manifest()));
    assertThat(report.wire().describe()).isEqualTo("fp16");
    Family family = Family.open(report.family());
    for (FactoredLayer layer : family.manifest().getLayersList()) {
      for (Band band : layer.getBandsList()) {
        int ranks = band.getToRank() - band.getFromRank();
        int values = ranks * (layer.getInputs() + layer.getHeads() * layer.getOutputs());
        values += layer.getHeads() > 1 ? ranks * layer.getHeads() : 0;
        assertThat(band.getBlob().getSizeBytes()).isEqualTo(2L * values);
      }
    }
    Probe probe =
        Probe.parse(family.blobs().read(family.manifest().getGoldenSamples()), family.manifest());
    Preprocessor preprocessor =
        new Preprocessor(family.manifest().getPreprocessingList(), wide().inputs());
    for (int rung = 1; rung <= family.ladder().size(); rung++) {
      byte[] heir = HeirAssembler.assemble(family.manifest(), rung, family.blobs());
      Patch patch =
          Patches.parse(
              family.blobs().read(family.manifest().getRungs(rung - 1).getPatch()),
              family.manifest(),
              rung);
      try (OnnxSession session = OnnxSession.open(heir, SessionSettings.cpu(1))) {
        int[] all = IntStream.range(0, probe.samples().size()).toArray();
        float[] outputs = session.runFirst(preprocessor.batch(probe.samples(), all)).toFloats();
        assertThat(outputs).isEqualTo(FloatBytes.decode(patch.getGolden(0).getValues()));
      }
    }
  }

  @Test
  void aTeacherInWhichNoLayerGainsIsRefusedWithReasonsAndNothingIsWritten() throws Exception {
    assertThatThrownBy(() -> inherit(narrow(), 0, new Listening(Optional.empty())))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("no layer gains");
    assertThat(directory.resolve("family")).doesNotExist();
  }

  @Test
  void cancellingInAnyStageWritesNothing() throws Exception {
    for (Stage stage : List.of(Stage.CALIBRATE, Stage.LADDER, Stage.FINE_TUNE, Stage.EVALUATE)) {
      assertThatThrownBy(() -> inherit(wide(), 2, new Listening(Optional.of(stage))))
          .as("cancelled in %s", stage)
          .isInstanceOf(CancelledException.class);
      assertThat(directory.resolve("family")).doesNotExist();
    }
  }

  private InheritReport inherit(
      Path out, Path kept, Existing existing, Tuning tuning, Progress progress) throws Exception {
    InheritOptions options = kept(tuning);
    return Inheritance.run(
        directory.resolve("teacher.onnx"),
        directory.resolve("train.npz").toString(),
        directory.resolve("validate.npz").toString(),
        List.of(),
        out,
        options,
        Optional.of(new CheckpointPolicy(kept, existing, Duration.ZERO)),
        progress);
  }

  /** Ends the inheritance after some steps of the fine-tune. */
  private static final class EndingAt implements Progress {
    private final long last;
    private final Set<Stage> entered = EnumSet.noneOf(Stage.class);
    private Stage current = Stage.READ;
    private long done;

    EndingAt(long last) {
      this.last = last;
    }

    @Override
    public void stage(Stage stage) {
      current = stage;
      entered.add(stage);
    }

    @Override
    public void step(long steps, long total, OptionalDouble loss) {
      done = current == Stage.FINE_TUNE ? steps : 0;
    }

    @Override
    public void note(String line) {}

    @Override
    public boolean cancelled() {
      return done >= last;
    }
  }

  /** Digests of what is made by training and recalibration, per rung that both families have. */
  private static List<Object> madeOf(Family family, int rungs) {
    List<Object> parts = new ArrayList<>();
    parts.add(family.manifest().getSkeleton());
    parts.addAll(family.manifest().getDenseList());
    family.manifest().getRungsList().stream()
        .limit(rungs)
        .forEach(rung -> parts.addAll(List.of(rung.getRanksList(), rung.getPatch())));
    for (FactoredLayer layer : family.manifest().getLayersList()) {
      layer.getBandsList().stream().filter(band -> band.getRung() <= rungs).forEach(parts::add);
    }
    return parts;
  }

  @Test
  void anInheritanceThatWasEndedAndWentOnGivesTheFamilyOfAnUndisturbedOne() throws Exception {
    write(wide());
    samples("train.npz", 200, 1);
    samples("validate.npz", 50, 2);
    Path kept = directory.resolve("kept");
    Path copy = directory.resolve("copy");
    Tuning tuning = new Tuning(OptionalInt.of(8), OptionalDouble.empty(), Arithmetic.AUTO);
    Path out = directory.resolve("family");

    assertThatThrownBy(() -> inherit(out, kept, Existing.REFUSE, tuning, new EndingAt(3)))
        .isInstanceOf(CancelledException.class);
    assertThat(Checkpoint.describe(kept)).get().asString().contains("3 of 6 steps");
    assertThat(out).doesNotExist();
    Files.createDirectories(copy);
    Files.copy(kept.resolve("settings"), copy.resolve("settings"));
    Files.copy(kept.resolve("start"), copy.resolve("start"));
    assertThatThrownBy(() -> inherit(out, kept, Existing.REFUSE, tuning, new EndingAt(9)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("unfinished work of these settings");
    assertThatThrownBy(
            () -> inherit(out, kept, Existing.RESUME, Tuning.suitable(), new EndingAt(9)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("--batch was 8, is not given");
    inherit(out, kept, Existing.RESUME, tuning, new EndingAt(9));
    Path reference = directory.resolve("reference");
    inherit(reference, copy, Existing.RESUME, tuning, new EndingAt(9));

    Family first = Family.open(out);
    Family second = Family.open(reference);
    int rungs = Math.min(first.ladder().size(), second.ladder().size());
    assertThat(madeOf(first, rungs)).isEqualTo(madeOf(second, rungs));
    assertThat(kept).doesNotExist();
    assertThat(copy).doesNotExist();
  }

  /** What an inheritance keeps that is ended in its fine-tune. */
  private Start started(Path kept, Existing existing, EndingAt progress) throws Exception {
    Tuning tuning = Tuning.suitable();
    Path out = directory.resolve("family");
    assertThatThrownBy(() -> inherit(out, kept, existing, tuning, progress))
        .isInstanceOf(CancelledException.class);
    Settings settings =
        KeptLadder.settings(
            Teacher.read(directory.resolve("teacher.onnx")),
            directory.resolve("train.npz").toString(),
            directory.resolve("validate.npz").toString(),
            List.of(),
            kept(tuning),
            FileIdentity::of);
    try (Checkpoint checkpoint =
        Checkpoint.open(new CheckpointPolicy(kept, Existing.RESUME, Duration.ZERO), settings)) {
      return checkpoint.start().orElseThrow();
    }
  }

  @Test
  void calibrationAndFactorsOfTwoRunsAreTheSameBitForBit() throws Exception {
    write(wide());
    samples("train.npz", 200, 1);
    samples("validate.npz", 50, 2);

    Start first = started(directory.resolve("first"), Existing.REFUSE, new EndingAt(1));
    Start second = started(directory.resolve("second"), Existing.REFUSE, new EndingAt(1));

    assertSameGround(first, second);
  }

  @Test
  void anInheritanceThatWasEndedInItsLadderGoesOnFromItsFactors() throws Exception {
    write(wide());
    samples("train.npz", 200, 1);
    samples("validate.npz", 50, 2);
    Path kept = directory.resolve("kept");
    Path family = directory.resolve("family");
    Listening ended = new Listening(Optional.of(Stage.LADDER));
    assertThatThrownBy(() -> inherit(family, kept, Existing.REFUSE, Tuning.suitable(), ended))
        .isInstanceOf(CancelledException.class);
    assertThat(Checkpoint.describe(kept)).contains("factors");

    EndingAt resumed = new EndingAt(1);
    Start second = started(kept, Existing.RESUME, resumed);

    assertThat(resumed.entered)
        .contains(Stage.LADDER, Stage.FINE_TUNE)
        .doesNotContain(Stage.CALIBRATE, Stage.FACTOR, Stage.RECALIBRATE);
    assertThat(kept.resolve("factors")).doesNotExist();
    Start first = started(directory.resolve("first"), Existing.REFUSE, new EndingAt(1));
    assertSameGround(first, second);
  }

  @Test
  void aShortFineTuneTriesNoHeads() throws Exception {
    String tooShort =
        "heads: one; a fine-tune of 19 steps is too short to try more (20 are enough)";

    assertThat(notesUntilFineTune(19)).contains(tooShort);
    assertThat(notesUntilFineTune(20))
        .anyMatch(note -> note.startsWith("heads: "))
        .noneMatch(note -> note.contains("too short"));
  }

  private List<String> notesUntilFineTune(int steps) {
    List<String> notes = new ArrayList<>();
    Listening listening =
        new Listening(Optional.of(Stage.FINE_TUNE)) {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    assertThatThrownBy(() -> inherit(wide(), steps, listening))
        .isInstanceOf(CancelledException.class);
    return notes;
  }

  private static void assertSameGround(Start first, Start second) {
    for (int i = 0; i < first.calibration().layers().size(); i++) {
      LayerStatistics one = first.calibration().layers().get(i);
      LayerStatistics other = second.calibration().layers().get(i);
      assertThat(other.inputMean()).isEqualTo(one.inputMean());
      assertThat(other.outputMean()).isEqualTo(one.outputMean());
      assertThat(other.outputDeviation()).isEqualTo(one.outputDeviation());
    }
    int compared = 0;
    for (FactorPair one : first.pairs()) {
      for (FactorPair other : second.pairs()) {
        if (one.name().equals(other.name())) {
          // Ranks were chosen by measured latency; what they have in common is compared.
          int rank = Math.min(one.rank(), other.rank());
          assertThat(other.prefix(rank).down()).isEqualTo(one.prefix(rank).down());
          assertThat(other.prefix(rank).up(0)).isEqualTo(one.prefix(rank).up(0));
          compared++;
        }
      }
    }
    assertThat(compared).isPositive();
  }

  @Test
  void whatEndsBeforeItHasFactorsLeavesNothingBehind() throws Exception {
    write(wide());
    samples("train.npz", 200, 1);
    samples("validate.npz", 50, 2);
    Path kept = directory.resolve("kept");

    assertThatThrownBy(
            () ->
                inherit(
                    directory.resolve("family"),
                    kept,
                    Existing.REFUSE,
                    Tuning.suitable(),
                    new Listening(Optional.of(Stage.FACTOR))))
        .isInstanceOf(CancelledException.class);
    assertThat(kept).doesNotExist();
  }

  @Test
  void labelsBeyondTheModelsClassesAreRefusedByName() throws Exception {
    String train = samples("train.npz", 200, 1);
    SampleSet wrong =
        SampleSet.of(30)
            .input(
                "image",
                ElementType.ELEMENT_TYPE_UINT8,
                List.of(1L, (long) SIDE, (long) SIDE),
                ByteBuffer.allocate(30 * SIDE * SIDE))
            .labels(1, LongStream.range(0, 30).toArray())
            .build();
    Path validate = directory.resolve("wrong.npz");
    SampleWriter.write(wrong, validate);
    assertThatThrownBy(
            () ->
                Inheritance.run(
                    write(wide()),
                    train,
                    validate.toString(),
                    List.of(),
                    directory.resolve("family"),
                    options(0),
                    new Listening(Optional.empty())))
        .hasMessageContaining("wrong.npz")
        .hasMessageContaining("label of sample 4");
  }
}
