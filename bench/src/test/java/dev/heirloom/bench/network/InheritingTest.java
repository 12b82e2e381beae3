package dev.heirloom.bench.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every architecture can be inherited from, in every operator set. */
class InheritingTest {
  private static final int[] OPSETS = {9, 11, 13, 17, 18, 20, 22};

  private static Inheriting inheriting(String name, Architecture architecture, int opset, int heads)
      throws Exception {
    OnnxModel model = architecture.network(opset, 1);
    return name.startsWith("llama")
        ? Inheriting.of(model, heads, SmallNetworks.LENGTH, SmallNetworks.TOKENS)
        : Inheriting.of(model, heads, 1, 5);
  }

  static Stream<Arguments> everyOpset() {
    return Stream.concat(
        SmallNetworks.all().entrySet().stream()
            .flatMap(
                entry ->
                    IntStream.of(OPSETS)
                        .mapToObj(opset -> arguments(entry.getKey(), opset, entry.getValue()))),
        IntStream.of(14, 17, 18, 22)
            .mapToObj(
                opset -> arguments("llama of any length", opset, SmallNetworks.ofAnyLength())));
  }

  @ParameterizedTest(name = "{0}, opset {1}")
  @MethodSource("everyOpset")
  void theTrainerAndTheFullHeirComputeWhatTheTeacherComputes(
      String name, int opset, Architecture architecture) throws Exception {
    for (int heads : new int[] {1, 3}) {
      Inheriting inheriting = inheriting(name, architecture, opset, heads);
      OnnxModel model = inheriting.teacher().original();
      assertThat(inheriting.pairs()).hasSizeGreaterThanOrEqualTo(4);
      Map<String, TensorValue> inputs = SmallNetworks.inputs(model.inputs(), 3, 77);
      float[] expected = run(model.bytes(), inputs);
      requireEqual(run(inheriting.untrained(), inputs), expected, 1e-4f);
      assertThat(NestedTrainer.unknownOperator(model.proto())).isEmpty();
      TrainingPlan plain = TrainingPlan.forImages(List.of(List.of()), 0, 1, 1, false);
      try (NestedTrainer trainer = new NestedTrainer(model.proto(), List.of(), plain)) {
        requireEqual(answer(trainer.forward(1, List.of(), inputs)), expected, 1e-4f);
      }
    }
  }

  static Stream<Arguments> everyHeads() {
    return Stream.concat(
        SmallNetworks.all().entrySet().stream()
            .flatMap(
                entry ->
                    Stream.of(1, 3)
                        .map(heads -> arguments(entry.getKey(), heads, entry.getValue()))),
        Stream.of(arguments("llama of any length", 1, SmallNetworks.ofAnyLength())));
  }

  @ParameterizedTest(name = "{0}, {1} heads")
  @MethodSource("everyHeads")
  void aTrainedRungComputesWhatItsHeirComputes(String name, int heads, Architecture architecture)
      throws Exception {
    Inheriting inheriting = inheriting(name, architecture, 17, heads);
    OnnxModel model = inheriting.teacher().original();
    List<Double> losses = new ArrayList<>();
    try (NestedTrainer trainer = inheriting.trainer(2);
        OnnxSession teacher = OnnxSession.open(model.bytes(), SessionSettings.cpu(1))) {
      List<float[]> downs = trainer.layers().stream().map(pair -> pair.down().clone()).toList();
      trainer.train(
          inheriting.samples(),
          inheriting.preprocessor(),
          Optional.of(teacher::run),
          new NestedTrainer.Listener() {
            @Override
            public void step(long done, long total, double loss) {
              losses.add(loss);
            }

            @Override
            public boolean cancelled() {
              return false;
            }
          });
      assertThat(losses).hasSize(2).allMatch(Double::isFinite);
      for (int i = 0; i < downs.size(); i++) {
        assertThat(trainer.layers().get(i).down()).isNotEqualTo(downs.get(i));
      }
      List<List<PatchLayer>> patches =
          trainer.recalibrate(
              inheriting.samples(),
              IntStream.range(0, 32).toArray(),
              inheriting.preprocessor(),
              32);
      Map<String, TensorValue> inputs = SmallNetworks.inputs(model.inputs(), 3, 77);
      for (int rung = 1; rung <= 2; rung++) {
        float[] expected = run(inheriting.trained(trainer, patches, rung), inputs);
        requireEqual(answer(trainer.forward(rung, patches.get(rung - 1), inputs)), expected, 1e-3f);
      }
    }
  }

  @Test
  void aTeacherWithAnOperatorThatTheTrainerDoesNotKnowIsStillFactored() throws Exception {
    Architecture architecture =
        graph -> {
          Convolutions parts = new Convolutions(graph, false);
          String x = graph.input("image", 3, 8, 8);
          x = parts.relu(parts.convolution(x, 3, 16, new Convolutions.Kernel(3, 1)));
          x = graph.node("LRN", List.of(x), Attributes.intAttribute("size", 3));
          graph.output("logits", parts.linear(parts.pooled(x), 16, 5), 5);
        };
    Inheriting inheriting = Inheriting.of(architecture.network(1), 1, 1, 5);
    assertThat(NestedTrainer.unknownOperator(inheriting.skeleton())).contains("LRN");
    assertThatThrownBy(() -> inheriting.trainer(1)).hasMessageContaining("LRN");
    OnnxModel model = inheriting.teacher().original();
    Map<String, TensorValue> inputs = SmallNetworks.inputs(model.inputs(), 3, 77);
    requireEqual(run(inheriting.untrained(), inputs), run(model.bytes(), inputs), 1e-4f);
  }

  private static float[] run(byte[] model, Map<String, TensorValue> inputs) throws Exception {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      return session.runFirst(inputs).toFloats();
    }
  }

  private static float[] answer(Map<String, TensorValue> outputs) {
    return Objects.requireNonNull(outputs.get("logits")).toFloats();
  }

  /** Each difference is at most a share of the largest expected value. */
  private static void requireEqual(float[] actual, float[] expected, float share) {
    assertThat(actual).hasSameSizeAs(expected);
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(share * largest));
    }
  }
}
