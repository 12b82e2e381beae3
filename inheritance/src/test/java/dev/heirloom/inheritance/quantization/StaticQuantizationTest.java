package dev.heirloom.inheritance.quantization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.inheritance.student.Student;
import dev.heirloom.inheritance.training.Descent;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StaticQuantizationTest {
  private static final int SIDE = 12;
  private static final int CLASSES = 4;
  private static final SessionSettings ONE_THREAD = SessionSettings.cpu(1);

  private static OnnxModel residual() throws Exception {
    return new TinyModels(5)
        .input("image", -1, 1, SIDE, SIDE)
        .block("image", "a", 1, 32, 1)
        .block("a", "b", 32, 32, 1)
        .node("Add", List.of("a", "b"), "sum")
        .block("sum", "c", 32, 32, 2)
        .node("GlobalAveragePool", List.of("c"), "pooled")
        .node("Flatten", List.of("pooled"), "flat")
        .weight("head", 0.5, 32, CLASSES)
        .weight("offset", 0.1, CLASSES)
        .node("Gemm", List.of("flat", "head", "offset"), "scores")
        .output("scores", -1, CLASSES)
        .build();
  }

  /** Stripes across or down, dark or bright; the label says which. */
  private static SampleSet stripes(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] pixels = new byte[size * SIDE * SIDE];
    long[] labels = new long[size];
    for (int i = 0; i < size; i++) {
      labels[i] = random.nextInt(CLASSES);
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          boolean striped = labels[i] % 2 == 0 ? y % 2 == 0 : x % 2 == 0;
          boolean dark = labels[i] < 2;
          int level = (striped ? 60 : 0) + (dark ? 30 : 120) + random.nextInt(60);
          pixels[(i * SIDE + y) * SIDE + x] = (byte) level;
        }
      }
    }
    return SampleSet.of(size)
        .input(
            "image",
            ElementType.ELEMENT_TYPE_UINT8,
            List.of(1L, (long) SIDE, (long) SIDE),
            ByteBuffer.wrap(pixels))
        .labels(1, labels)
        .build();
  }

  private static Preprocessor preprocessor(OnnxModel model, SampleSet samples) throws Exception {
    return new Preprocessor(Preprocessor.of(samples, model.inputs(), Map.of()), model.inputs());
  }

  private static OnnxModel trained(OnnxModel network, SampleSet samples) throws Exception {
    Student student = Student.of(network, 1);
    TrainingPlan plan =
        new TrainingPlan(
            List.of(List.of()), 60, 32, Descent.SGD, 0.05, 5e-4, 1, 1, 0, 0, 1, 2, false);
    ModelProto start = student.untrained().proto();
    try (NestedTrainer trainer = new NestedTrainer(start, List.of(), plan)) {
      trainer.train(
          samples,
          preprocessor(network, samples),
          Optional.empty(),
          new NestedTrainer.Listener() {
            @Override
            public void step(long done, long total, double loss) {}

            @Override
            public boolean cancelled() {
              return false;
            }
          });
      return student.trained(trainer.denseWeights());
    }
  }

  private static Evaluation.Result evaluate(OnnxModel model, SampleSet samples) throws Exception {
    try (OnnxSession session = OnnxSession.open(model.bytes(), ONE_THREAD)) {
      return Evaluation.of(
          session, samples, preprocessor(model, samples), Task.TASK_CLASSIFICATION, 64, done -> {});
    }
  }

  private static OnnxModel int8(OnnxModel model, SampleSet samples, double coverage)
      throws Exception {
    ActivationRanges ranges =
        ActivationRanges.observe(
            model, samples.head(64), preprocessor(model, samples), ONE_THREAD, () -> true);
    return StaticQuantization.of(model, ranges, coverage);
  }

  @Test
  void anInt8ModelAgreesWithItsTeacherAtAThirdOfItsBytes() throws Exception {
    SampleSet samples = stripes(400, 1);
    OnnxModel teacher = trained(residual(), samples);
    SampleSet unseen = stripes(200, 2);
    Evaluation.Result reference = evaluate(teacher, unseen);
    assertThat(reference.accuracy()).isGreaterThan(0.9);
    for (double coverage : new double[] {1, 0.9999}) {
      OnnxModel small = int8(teacher, samples, coverage);
      assertThat(evaluate(small, unseen).agreement(reference)).isGreaterThan(0.9);
      assertThat((double) small.bytes().length).isLessThan(0.4 * teacher.bytes().length);
    }
  }

  @Test
  void outputsKeepTheirNamesAndStayFloatingPoint() throws Exception {
    SampleSet samples = stripes(64, 1);
    OnnxModel network = Student.of(residual(), 1).trained(Map.of());
    OnnxModel small = int8(network, samples, 1);
    assertThat(small.outputs()).isEqualTo(network.outputs());
    assertThat(small.inputs()).isEqualTo(network.inputs());
    assertThat(small.nodes())
        .filteredOn(node -> node.getOpType().equals("QuantizeLinear"))
        .hasSize(7);
  }

  @Test
  void aScaleKeepsZeroExactAndCoversItsRange() {
    Scale scale = Scale.covering(-1, 3);
    assertThat((0 - scale.zero()) * scale.step()).isLessThanOrEqualTo(-0.99f);
    assertThat((255 - scale.zero()) * scale.step()).isGreaterThanOrEqualTo(2.99f);
    assertThat(Scale.covering(0.5, 2).zero()).isZero();
    assertThat(Scale.covering(0, 0).step()).isEqualTo(1);
  }

  @Test
  void coverageLeavesOutliersOutside() {
    Histogram histogram = new Histogram();
    float[] values = new float[10_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 100 / 100f;
    }
    values[17] = 1000;
    histogram.widen(values);
    histogram.count(values);
    assertThat(histogram.scale(1).step()).isGreaterThan(3);
    assertThat(histogram.scale(0.999).step()).isLessThan(0.01f);
  }

  @Test
  void aModelOfAnOlderOperatorSetIsRefused() throws Exception {
    OnnxModel model = Student.of(residual(), 1).trained(Map.of());
    ModelProto.Builder old = model.proto().toBuilder();
    old.getOpsetImportBuilder(0).setVersion(9);
    OnnxModel nine = OnnxModel.of(old.build(), "nine");
    assertThatThrownBy(() -> int8(nine, stripes(40, 1), 1))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("opset 9");
  }
}
