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
    refuses(
        SampleSet.of(1)
            .input("x", ElementType.ELEMENT_TYPE_UINT8, List.of(3L), ByteBuffer.allocate(3))
            .build(),
        "no labels");
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

  private static Preprocessor preprocessor(OnnxSession session, SampleSet samples)
      throws MalformedException {
    return new Preprocessor(Preprocessor.of(samples, session.inputs(), Map.of()), session.inputs());
  }

  private static SampleSet samples(
      int size, List<Long> dims, float[] values, int perSample, long... labels) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return SampleSet.of(size)
        .input("x", ElementType.ELEMENT_TYPE_FLOAT32, dims, raw)
        .labels(perSample, labels)
        .build();
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
