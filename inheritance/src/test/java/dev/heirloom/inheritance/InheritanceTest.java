package dev.heirloom.inheritance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.inheritance.sample.Augmentation;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
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

  private static InheritOptions options(int steps) {
    return new InheritOptions(
        LadderOptions.of(3), MethodOptions.of(Method.HEIRLOOM), OptionalInt.of(steps), 1, "cpu", 2);
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
    InheritOptions plain = options(2);
    InheritOptions options =
        new InheritOptions(
            plain.ladder(),
            plain.method(),
            plain.steps(),
            plain.seed(),
            plain.device(),
            plain.threads(),
            Augmentation.parse(changes),
            TaskChoice.AUTO);
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
