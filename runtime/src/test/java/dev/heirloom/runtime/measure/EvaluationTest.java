package dev.heirloom.runtime.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.Graphs;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationTest {

  @Test
  void countsLabelsMetAndMeanLoss() throws Exception {
    float[] scores = {1, -1, 0, 0, 2, 0, 0, 0, 3, 9, 0, 0, 5, 0, 0};
    List<Long> done = new ArrayList<>();
    Evaluation.Result result =
        evaluate(identity(3), samples(5, List.of(3L), scores, 1, 0, 1, 2, 2, 0), done);
    assertThat(result.accuracy()).isEqualTo(0.8);
    assertThat(result.classes()).containsExactly(0, 1, 2, 0, 0);
    double expected = 0;
    int[] labels = {0, 1, 2, 2, 0};
    for (int i = 0; i < 5; i++) {
      double sum = 0;
      for (int c = 0; c < 3; c++) {
        sum += Math.exp(scores[3 * i + c]);
      }
      expected -= Math.log(Math.exp(scores[3 * i + labels[i]]) / sum) / 5;
    }
    assertThat(result.loss()).isCloseTo(expected, within(1e-6));
    assertThat(done).containsExactly(2L, 4L, 5L);
    assertThat(result.agreement(result)).isEqualTo(1);
  }

  @Test
  void countsPositionsOfNextTokenTask() throws Exception {
    float[] scores = {1, 0, 0, 1, 0, 1, 0, 1};
    SampleSet samples = samples(2, List.of(2L, 2L), scores, 2, 0, 1, 0, 1);
    try (OnnxSession session = OnnxSession.open(identity(2, 2), SessionSettings.cpu(1))) {
      Evaluation.Result result =
          Evaluation.of(
              session, samples, preprocessor(session, samples), Task.TASK_NEXT_TOKEN, 2, n -> {});
      assertThat(result.accuracy()).isEqualTo(0.75);
      assertThat(result.classes()).containsExactly(0, 1, 1, 1);
    }
  }

  @Test
  void namesTheSampleWhoseLabelIsOutOfRange() {
    refuses(
        samples(2, List.of(3L), new float[6], 1, 0, 3), "label of sample 1: 3 (expected: 0..2)");
    refuses(samples(2, List.of(3L), new float[6], 1, -1, 0), "label of sample 0: -1");
    refuses(samples(2, List.of(3L), new float[6], 2, 0, 0, 0, 0), "2 labels each");
  }

  @Test
  void withoutLabelsOnlyAgreementIsKnown() throws Exception {
    SampleSet samples = unlabelled(4, List.of(2L), 1, 0, 0, 1, 1, 0, 0, 1);
    Evaluation.Result result = evaluate(identity(2), samples, Task.TASK_CLASSIFICATION);
    assertThat(result.labelled()).isFalse();
    assertThat(result.classes()).containsExactly(0, 1, 0, 1);
    assertThatThrownBy(result::accuracy)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no labels");
    assertThat(result.agreement(new int[] {0, 1, 1, 1})).isEqualTo(0.75);
    assertThat(result.accuracy(evaluate(scaled(-1, 2), samples, Task.TASK_CLASSIFICATION)))
        .isZero();
  }

  @Test
  void withoutLabelsEveryPositionIsAnAnswer() throws Exception {
    SampleSet samples = unlabelled(1, List.of(3L, 2L), 1, 0, 0, 1, 1, 0);
    Evaluation.Result result = evaluate(identity(3, 2), samples, Task.TASK_NEXT_TOKEN);
    assertThat(result.classes()).containsExactly(0, 1, 0);
  }

  @Test
  void measuresARegressionByTheShareThatItExplains() throws Exception {
    // Targets 1, 3 and 10, 30 about their means 2 and 20: spread 2 + 200. Errors 1 and 4: 1 + 16.
    SampleSet samples = withTargets(2, List.of(2L), new float[] {1, 10, 2, 26}, 2, 1, 10, 3, 30);
    Evaluation.Result result = evaluate(identity(2), samples, Task.TASK_REGRESSION);
    assertThat(result.accuracy()).isCloseTo(1 - 17.0 / 202, within(1e-12));
    assertThat(result.loss()).isCloseTo(17.0 / 202, within(1e-12));
    assertThat(result.classes()).isEmpty();
    // Against 1, 3 and 10, 40: spread 2 + 450, errors 1 and 14.
    assertThat(result.agreement(new float[] {1, 10, 3, 40}))
        .isCloseTo(1 - 197.0 / 452, within(1e-12));
    assertThat(result.agreement(result)).isEqualTo(1);
  }

  @Test
  void aRegressionWorseThanTheMeanExplainsNothing() throws Exception {
    SampleSet samples = withTargets(2, List.of(1L), new float[] {9, -9}, 1, 0, 1);
    Evaluation.Result result = evaluate(identity(1), samples, Task.TASK_REGRESSION);
    assertThat(result.accuracy()).isZero();
    assertThat(result.loss()).isCloseTo((81 + 100) / 0.5, within(1e-9));
  }

  @Test
  void takesIntegerLabelsAsNumbersWhereARegressionIsAskedFor() throws Exception {
    SampleSet samples = samples(2, List.of(1L), new float[] {3, 6}, 1, 3, 7);
    Evaluation.Result result = evaluate(identity(1), samples, Task.TASK_REGRESSION);
    assertThat(result.accuracy()).isCloseTo(1 - 1 / 8.0, within(1e-12));
  }

  @Test
  void measuresAnEmbeddingByItsDirection() throws Exception {
    SampleSet samples = unlabelled(2, List.of(2L), 3, 4, 1, 0);
    Evaluation.Result result = evaluate(identity(2), samples, Task.TASK_EMBEDDING);
    assertThat(result.labelled()).isFalse();
    assertThat(result.agreement(evaluate(scaled(7, 2), samples, Task.TASK_EMBEDDING)))
        .isCloseTo(1, within(1e-12));
    // cos((3, 4), (4, 3)) = 24 / 25, cos((1, 0), (0, 1)) = 0.
    assertThat(result.agreement(new float[] {4, 3, 0, 1})).isCloseTo(0.48, within(1e-12));
  }

  @Test
  void aReconstructionIsMeasuredAgainstItsInput() throws Exception {
    SampleSet samples = unlabelled(2, List.of(2L), 0, 0, 2, 4);
    Evaluation.Result result = evaluate(scaled(0.5f, 2), samples, Task.TASK_RECONSTRUCTION);
    // Errors 1 and 2 over a spread of 2 + 8.
    assertThat(result.labelled()).isTrue();
    assertThat(result.accuracy()).isCloseTo(1 - 5 / 10.0, within(1e-12));
  }

  @Test
  void measuresEveryFloatingPointOutputAndTheOneThatIsNamed() throws Exception {
    SampleSet samples = samples(2, List.of(2L), new float[] {1, 0, 0, 3}, 1, 0, 1);
    Evaluation.Result both =
        evaluate(twoOutputs(-1), samples, new Purpose(Task.TASK_CLASSIFICATION, "y"));
    assertThat(both.accuracy()).isEqualTo(1);
    Evaluation.Result other =
        evaluate(twoOutputs(-1), samples, new Purpose(Task.TASK_CLASSIFICATION, "z"));
    assertThat(other.accuracy()).isZero();
    Evaluation.Result reference =
        evaluate(twoOutputs(-2), samples, new Purpose(Task.TASK_CLASSIFICATION, "y"));
    // Of z the reference has −2, 0 and 0, −6, spread 2 + 18; the errors are 1 and 3.
    assertThat(both.others(reference)).containsOnlyKeys("z");
    assertThat(both.others(reference).get("z")).isCloseTo(1 - 10 / 20.0, within(1e-12));
    assertThatThrownBy(
            () -> evaluate(twoOutputs(-1), samples, new Purpose(Task.TASK_CLASSIFICATION, "q")))
        .isInstanceOf(MalformedException.class)
        .hasMessage("output q: the model has no such output (expected: one of [y, z])");
  }

  @Test
  void namesTargetsThatDoNotFitTheOutput() {
    SampleSet samples = withTargets(2, List.of(2L), new float[4], 1, 0, 1);
    assertThatThrownBy(() -> evaluate(identity(2), samples, Task.TASK_REGRESSION))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("1 targets a sample (expected: 2)");
    assertThatThrownBy(() -> evaluate(identity(2), samples.head(0), Task.TASK_REGRESSION))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("no samples");
  }

  @Test
  void readsProbabilitiesAndLogits() {
    Scores logits = Scores.of(FloatBuffer.wrap(new float[] {9, 0, (float) Math.log(3)}), 1, 2);
    assertThat(logits.best()).isEqualTo(1);
    assertThat(logits.confidence()).isCloseTo(0.75, within(1e-6));
    assertThat(logits.entropy()).isCloseTo(0.5623, within(1e-4));
    Scores probabilities = Scores.of(FloatBuffer.wrap(new float[] {0.25f, 0.75f}), 0, 2);
    assertThat(probabilities.confidence()).isCloseTo(0.75, within(1e-6));
    assertThat(probabilities.loss(0.75f)).isCloseTo(-Math.log(0.75), within(1e-6));
  }

  @Test
  void summarisesTimesThatOccurred() {
    long[] times = new long[100];
    for (int i = 0; i < 100; i++) {
      times[i] = 100L - i;
    }
    assertThat(Latency.Summary.of(times)).isEqualTo(new Latency.Summary(50, 95, 51, 100));
  }

  @Test
  void timesSessionsInTurn() throws Exception {
    try (OnnxSession a = OnnxSession.open(identity(3), SessionSettings.cpu(1));
        OnnxSession b = OnnxSession.open(identity(3), SessionSettings.cpu(1))) {
      List<Latency.Summary> summaries =
          Latency.interleaved(
              List.of(a, b), Map.of("x", TensorValue.floats(new float[3], 1, 3)), 2, 20);
      assertThat(summaries).hasSize(2).allMatch(s -> s.count() == 20 && s.p50Ns() > 0);
    }
  }

  private static void refuses(SampleSet samples, String message) {
    assertThatThrownBy(() -> evaluate(identity(3), samples, new ArrayList<>()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  private static Evaluation.Result evaluate(byte[] model, SampleSet samples, List<Long> done)
      throws Exception {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      return Evaluation.of(
          session, samples, preprocessor(session, samples), Task.TASK_CLASSIFICATION, 2, done::add);
    }
  }

  private static Evaluation.Result evaluate(byte[] model, SampleSet samples, Task task)
      throws Exception {
    return evaluate(model, samples, Purpose.of(task));
  }

  private static Evaluation.Result evaluate(byte[] model, SampleSet samples, Purpose purpose)
      throws Exception {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      return Evaluation.of(
          session, samples, preprocessor(session, samples), purpose, 1, done -> {});
    }
  }

  private static Preprocessor preprocessor(OnnxSession session, SampleSet samples)
      throws MalformedException {
    return new Preprocessor(Preprocessor.of(samples, session.inputs(), Map.of()), session.inputs());
  }

  private static SampleSet samples(
      int size, List<Long> dims, float[] values, int perSample, long... labels) {
    return inputs(size, dims, values).labels(perSample, labels).build();
  }

  private static SampleSet unlabelled(int size, List<Long> dims, float... values) {
    return inputs(size, dims, values).build();
  }

  private static SampleSet withTargets(
      int size, List<Long> dims, float[] values, int perSample, float... targets) {
    return inputs(size, dims, values).targets(perSample, targets).build();
  }

  private static SampleSet.Builder inputs(int size, List<Long> dims, float... values) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return SampleSet.of(size).input("x", ElementType.ELEMENT_TYPE_FLOAT32, dims, raw);
  }

  /** The input times a factor. */
  private static byte[] scaled(float factor, long width) {
    return Graphs.model(
            17,
            Graphs.graph(
                    List.of(Graphs.value("x", -1, width)),
                    List.of(Graphs.value("y", -1, width)),
                    List.of(Graphs.node("Mul", "y", List.of("x", "f"))))
                .addInitializer(Graphs.tensor("f", new float[] {factor}, 1)))
        .toByteArray();
  }

  /** The input as y, and times a factor as z. */
  private static byte[] twoOutputs(float factor) {
    return Graphs.model(
            17,
            Graphs.graph(
                    List.of(Graphs.value("x", -1, 2)),
                    List.of(Graphs.value("y", -1, 2), Graphs.value("z", -1, 2)),
                    List.of(
                        Graphs.node("Identity", "y", List.of("x")),
                        Graphs.node("Mul", "z", List.of("x", "f"))))
                .addInitializer(Graphs.tensor("f", new float[] {factor}, 1)))
        .toByteArray();
  }

  private static byte[] identity(long... sampleDims) {
    long[] dims = new long[sampleDims.length + 1];
    dims[0] = -1;
    System.arraycopy(sampleDims, 0, dims, 1, sampleDims.length);
    return Graphs.model(
            17,
            Graphs.graph(
                List.of(Graphs.value("x", dims)),
                List.of(Graphs.value("y", dims)),
                List.of(Graphs.node("Identity", "y", List.of("x")))))
        .toByteArray();
  }
}
