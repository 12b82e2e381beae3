package dev.heirloom.inheritance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Likeness;
import dev.heirloom.runtime.sample.Probe;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every task from a teacher on disk to a family on disk. */
class TasksTest {

  private static final int WIDTH = 512;
  private static final int LATENT = 8;
  private static final int TRAIN = 160;
  private static final int VALIDATE = 50;
  private static final int TOKENS = 20;

  /** Orthonormal columns, nearly: WIDTH × LATENT. */
  private static final float[] BASIS = normal(3, WIDTH * LATENT, 1 / Math.sqrt(WIDTH));

  @TempDir private Path directory;

  private static float[] normal(long seed, int size, double deviation) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** The projection onto the basis, WIDTH × WIDTH, so that a low rank is all that is needed. */
  private static float[] projection() {
    float[] values = new float[WIDTH * WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      for (int j = 0; j < WIDTH; j++) {
        for (int k = 0; k < LATENT; k++) {
          values[i * WIDTH + j] += BASIS[i * LATENT + k] * BASIS[j * LATENT + k];
        }
      }
    }
    return values;
  }

  /** Two wide layers of low rank, which give h. */
  private static TinyModels trunk() {
    return new TinyModels(5)
        .input("x", -1, WIDTH)
        .weight("w1", projection(), WIDTH, WIDTH)
        .weight("w2", projection(), WIDTH, WIDTH)
        .node("MatMul", List.of("x", "w1"), "m")
        .node("MatMul", List.of("m", "w2"), "h");
  }

  private static OnnxModel headed(int outputs) throws Exception {
    return trunk()
        .weight("head", 1, WIDTH, outputs)
        .node("MatMul", List.of("h", "head"), "y")
        .output("y", -1, outputs)
        .build();
  }

  /** Samples that lie near the basis, row-major. */
  private static float[] inputs(int size, long seed) {
    float[] latent = normal(seed, size * LATENT, 1);
    float[] values = normal(seed + 1, size * WIDTH, 0.01);
    for (int s = 0; s < size; s++) {
      for (int i = 0; i < WIDTH; i++) {
        for (int k = 0; k < LATENT; k++) {
          values[s * WIDTH + i] += latent[s * LATENT + k] * BASIS[i * LATENT + k];
        }
      }
    }
    return values;
  }

  private static SampleSet.Builder samples(float[] values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return SampleSet.of(values.length / WIDTH)
        .input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of((long) WIDTH), raw);
  }

  private static float[] outputs(byte[] model, float[] values, String output) throws Exception {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      TensorValue value = TensorValue.floats(values, values.length / WIDTH, WIDTH);
      return Objects.requireNonNull(session.run(Map.of("x", value)).get(output)).toFloats();
    }
  }

  private InheritReport inherit(
      OnnxModel model, SampleSet train, SampleSet validate, TaskChoice choice) throws Exception {
    Path teacher = Files.write(directory.resolve("teacher.onnx"), model.bytes());
    SampleWriter.write(train, directory.resolve("train.npz"));
    SampleWriter.write(validate, directory.resolve("validate.npz"));
    InheritOptions options =
        new InheritOptions(
                LadderOptions.of(2),
                MethodOptions.of(Method.HEIRLOOM),
                OptionalInt.of(3),
                1,
                "cpu",
                1)
            .with(choice);
    return Inheritance.run(
        teacher,
        directory.resolve("train.npz").toString(),
        directory.resolve("validate.npz").toString(),
        List.of(),
        directory.resolve("family"),
        options,
        new Silent());
  }

  private static final class Silent implements Progress {
    @Override
    public void stage(Stage stage) {}

    @Override
    public void step(long done, long total, OptionalDouble loss) {}

    @Override
    public void note(String line) {}

    @Override
    public boolean cancelled() {
      return false;
    }
  }

  private static TaskChoice choice(Task task) {
    return new TaskChoice(Optional.of(task), Optional.empty(), Distillation.LOGITS);
  }

  private static byte[] top(Family family) throws Exception {
    return HeirAssembler.assemble(
        family.manifest(), family.manifest().getRungsCount(), family.blobs());
  }

  private static Rung topRung(Manifest manifest) {
    return manifest.getRungs(manifest.getRungsCount() - 1);
  }

  private static Probe probe(Family family) throws Exception {
    return Probe.parse(family.blobs().read(family.manifest().getProbe()), family.manifest());
  }

  @Test
  void aRegressionIsMeasuredByWhatItExplainsOfItsTargets() throws Exception {
    OnnxModel model = headed(3);
    float[] train = inputs(TRAIN, 10);
    float[] validate = inputs(VALIDATE, 20);
    float[] targets = outputs(model.bytes(), validate, "y");
    float[] noise = normal(30, targets.length, 0.2);
    for (int i = 0; i < targets.length; i++) {
      targets[i] += noise[i];
    }
    InheritReport report =
        inherit(
            model,
            samples(train).targets(3, outputs(model.bytes(), train, "y")).build(),
            samples(validate).targets(3, targets).build(),
            TaskChoice.AUTO);

    Family family = Family.open(report.family());
    Manifest manifest = family.manifest();
    assertThat(report.task()).isEqualTo(Task.TASK_REGRESSION);
    assertThat(manifest.getTask()).isEqualTo(Task.TASK_REGRESSION);
    assertThat(manifest.getUnlabelled()).isFalse();
    float[] teacher = outputs(model.bytes(), validate, "y");
    float[] heir = outputs(top(family), validate, "y");
    assertThat(manifest.getTeacher().getAccuracy())
        .isCloseTo(1 - Likeness.unexplained(targets, teacher, 3), within(1e-4));
    assertThat(topRung(manifest).getAccuracy())
        .isCloseTo(1 - Likeness.unexplained(targets, heir, 3), within(1e-4))
        .isGreaterThan(0.8);
    assertThat(topRung(manifest).getAgreement())
        .isCloseTo(1 - Likeness.unexplained(teacher, heir, 3), within(1e-4))
        .isGreaterThan(0.9);
    Probe probe = probe(family);
    assertThat(probe.teacherNumbers()).hasSize(3 * probe.samples().size());
    assertThat(probe.samples().targetsPerSample()).isEqualTo(3);
    assertThat(topRung(manifest).getProbeAgreement()).isGreaterThan(0.9);
  }

  @Test
  void anEmbeddingNeedsNoLabels() throws Exception {
    OnnxModel model = headed(32);
    float[] validate = inputs(VALIDATE, 20);
    InheritReport report =
        inherit(
            model,
            samples(inputs(TRAIN, 10)).build(),
            samples(validate).build(),
            new TaskChoice(
                Optional.of(Task.TASK_EMBEDDING), Optional.empty(), Distillation.FEATURES));

    Family family = Family.open(report.family());
    Rung rung = topRung(family.manifest());
    assertThat(report.labelled()).isFalse();
    assertThat(family.manifest().getUnlabelled()).isTrue();
    assertThat(family.manifest().getTeacher().getAccuracy()).isCloseTo(1, within(1e-6));
    double cosine =
        Likeness.cosine(
            outputs(model.bytes(), validate, "y"), outputs(top(family), validate, "y"), 32);
    assertThat(rung.getAgreement()).isCloseTo(cosine, within(1e-4)).isGreaterThan(0.9);
    assertThat(rung.getAccuracy()).isEqualTo(rung.getAgreement());
  }

  @Test
  void classesWithoutLabelsAreLearntFromTheTeacherAlone() throws Exception {
    OnnxModel model = headed(4);
    InheritReport report =
        inherit(
            model,
            samples(inputs(TRAIN, 10)).build(),
            samples(inputs(VALIDATE, 20)).build(),
            TaskChoice.AUTO);

    Family family = Family.open(report.family());
    Rung rung = topRung(family.manifest());
    assertThat(report.task()).isEqualTo(Task.TASK_CLASSIFICATION);
    assertThat(family.manifest().getUnlabelled()).isTrue();
    assertThat(rung.getAgreement()).isGreaterThan(0.8);
    assertThat(rung.getAccuracy()).isEqualTo(rung.getAgreement());
    Probe probe = probe(family);
    assertThat(probe.samples().labelled()).isFalse();
    assertThat(probe.teacherClasses()).hasSize(probe.samples().size());
  }

  @Test
  void anAutoencoderIsMeasuredAgainstItsInput() throws Exception {
    OnnxModel model = trunk().output("h", -1, WIDTH).build();
    float[] validate = inputs(VALIDATE, 20);
    InheritReport report =
        inherit(
            model,
            samples(inputs(TRAIN, 10)).build(),
            samples(validate).build(),
            choice(Task.TASK_RECONSTRUCTION));

    Family family = Family.open(report.family());
    double explained =
        1 - Likeness.unexplained(validate, outputs(top(family), validate, "h"), WIDTH);
    assertThat(report.labelled()).isTrue();
    assertThat(explained).isGreaterThan(0.5);
    assertThat(topRung(family.manifest()).getAccuracy()).isCloseTo(explained, within(1e-4));
  }

  @Test
  void everyOutputIsLearntAndTheNamedOneIsTheOneThatLabelsAreAbout() throws Exception {
    OnnxModel model =
        trunk()
            .weight("head", 1, WIDTH, 6)
            .node("MatMul", List.of("h", "head"), "vector")
            .weight("classes", 1, WIDTH, 4)
            .node("MatMul", List.of("h", "classes"), "scores")
            .output("vector", -1, 6)
            .output("scores", -1, 4)
            .build();
    float[] train = inputs(TRAIN, 10);
    float[] validate = inputs(VALIDATE, 20);
    InheritReport report =
        inherit(
            model,
            samples(train).labels(1, classes(model, train)).build(),
            samples(validate).labels(1, classes(model, validate)).build(),
            new TaskChoice(Optional.empty(), Optional.of("scores"), Distillation.EMBEDDINGS));

    Family family = Family.open(report.family());
    Manifest manifest = family.manifest();
    assertThat(manifest.getAnswer()).isEqualTo("scores");
    assertThat(manifest.getTeacher().getAccuracy()).isEqualTo(1);
    assertThat(topRung(manifest).getAccuracy()).isGreaterThan(0.8);
    assertThat(topRung(manifest).getOthersList()).hasSize(1);
    assertThat(topRung(manifest).getOthers(0).getOutput()).isEqualTo("vector");
    assertThat(topRung(manifest).getOthers(0).getAgreement())
        .isCloseTo(
            1
                - Likeness.unexplained(
                    outputs(model.bytes(), validate, "vector"),
                    outputs(top(family), validate, "vector"),
                    6),
            within(1e-4));
  }

  private static long[] classes(OnnxModel model, float[] values) throws Exception {
    float[] scores = outputs(model.bytes(), values, "scores");
    long[] classes = new long[scores.length / 4];
    for (int i = 0; i < scores.length; i++) {
      int row = i / 4;
      classes[row] = scores[i] > scores[row * 4 + (int) classes[row]] ? i % 4 : classes[row];
    }
    return classes;
  }

  @Test
  void nextTokensMayHaveSequencesOfAnyLength() throws Exception {
    OnnxModel model =
        new TinyModels(5)
            .tokens("tokens")
            .weight("embedding", 1, TOKENS, WIDTH)
            .node("Gather", List.of("embedding", "tokens"), "x")
            .weight("w1", projection(), WIDTH, WIDTH)
            .weight("w2", projection(), WIDTH, WIDTH)
            .node("MatMul", List.of("x", "w1"), "m")
            .node("MatMul", List.of("m", "w2"), "h")
            .weight("head", 1, WIDTH, TOKENS)
            .node("MatMul", List.of("h", "head"), "y")
            .scores("y", TOKENS)
            .build();
    InheritReport report =
        inherit(model, sequences(TRAIN, 9, 1), sequences(VALIDATE, 9, 2), TaskChoice.AUTO);

    Family family = Family.open(report.family());
    assertThat(report.task()).isEqualTo(Task.TASK_NEXT_TOKEN);
    assertThat(family.manifest().getInputs(0).getDimsList()).containsExactly(-1L);
    assertThat(topRung(family.manifest()).getAgreement()).isGreaterThan(0.5);
    try (OnnxSession session = OnnxSession.open(top(family), SessionSettings.cpu(1))) {
      TensorValue longer = TensorValue.longs(new long[2 * 17], 2, 17);
      assertThat(session.runFirst(Map.of("tokens", longer)).dims()).containsExactly(2, 17, TOKENS);
    }
  }

  private static SampleSet sequences(int size, int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer raw = ByteBuffer.allocate(size * length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long[] labels = random.longs((long) size * length, 0, TOKENS).toArray();
    random.longs((long) size * length, 0, TOKENS).forEach(raw::putLong);
    return SampleSet.of(size)
        .input("tokens", ElementType.ELEMENT_TYPE_INT64, List.of((long) length), raw.flip())
        .labels(length, labels)
        .build();
  }

  @Test
  void withoutLabelsSomethingOfTheTeacherHasToBeLearnt() {
    SampleSet bare = samples(inputs(TRAIN, 10)).build();
    TaskChoice none = new TaskChoice(Optional.empty(), Optional.empty(), Distillation.NONE);
    assertThatThrownBy(() -> inherit(headed(4), bare, bare, none))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("train.npz: has no labels, and nothing of the teacher");
  }

  @Test
  void bothSetsHaveLabelsOrNeitherHas() {
    SampleSet bare = samples(inputs(TRAIN, 10)).build();
    SampleSet labelled = samples(inputs(VALIDATE, 20)).labels(1, new long[VALIDATE]).build();
    assertThatThrownBy(() -> inherit(headed(4), bare, labelled, TaskChoice.AUTO))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("validate.npz has labels")
        .hasMessageContaining("train.npz has none");
  }
}
