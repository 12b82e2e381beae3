package dev.heirloom.inheritance;

import static dev.heirloom.runtime.graph.Attributes.floatAttribute;
import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;
import static dev.heirloom.runtime.graph.Attributes.stringAttribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** At full rank an heir computes what its teacher computes, whatever the form of the layer. */
class FullRankTest {

  private static Arguments images(String name, UnaryOperator<TinyModels> nodes) {
    return arguments(name, new long[] {3, 4, 9, 7}, nodes);
  }

  private static Arguments rows(String name, UnaryOperator<TinyModels> nodes) {
    return arguments(name, new long[] {3, 6}, nodes);
  }

  static Stream<Arguments> layers() {
    return Stream.concat(convolutions(), products());
  }

  private static Stream<Arguments> convolutions() {
    return Stream.of(
        images(
            "uneven padding, strides and dilation",
            m ->
                m.weight("w", 0.3, 5, 4, 3, 2)
                    .weight("b", 0.3, 5)
                    .node(
                        "Conv",
                        List.of("x", "w", "b"),
                        "y",
                        intsAttribute("strides", 2, 1),
                        intsAttribute("pads", 1, 0, 2, 3),
                        intsAttribute("dilations", 2, 3))),
        images("1x1", m -> m.weight("w", 0.3, 5, 4, 1, 1).node("Conv", List.of("x", "w"), "y")),
        images("padded to the same size", m -> automatic(m, "SAME_UPPER")),
        images("padded to the same size, more ahead", m -> automatic(m, "SAME_LOWER")),
        images("without padding", m -> automatic(m, "VALID")),
        images("normalised", m -> m.block("x", "y", 4, 6, 2)),
        arguments(
            "one spatial axis",
            new long[] {3, 4, 20},
            (UnaryOperator<TinyModels>)
                m ->
                    m.weight("w", 0.3, 5, 4, 3)
                        .weight("b", 0.3, 5)
                        .node(
                            "Conv",
                            List.of("x", "w", "b"),
                            "y",
                            intsAttribute("strides", 2),
                            intsAttribute("pads", 2, 1),
                            intsAttribute("dilations", 3))));
  }

  private static TinyModels automatic(TinyModels m, String pad) {
    return m.weight("w", 0.3, 5, 4, 4, 2)
        .node("Conv", List.of("x", "w"), "y", stringAttribute("auto_pad", pad));
  }

  private static Stream<Arguments> products() {
    return Stream.of(
        rows(
            "Gemm with factors",
            m ->
                m.weight("w", 0.5, 5, 6)
                    .weight("b", 0.5, 1, 5)
                    .node(
                        "Gemm",
                        List.of("x", "w", "b"),
                        "y",
                        intAttribute("transB", 1),
                        floatAttribute("alpha", 0.5f),
                        floatAttribute("beta", 2))),
        rows("MatMul", m -> m.weight("w", 0.5, 6, 5).node("MatMul", List.of("x", "w"), "y")),
        rows(
            "MatMul by a transposed constant",
            m ->
                m.weight("w", 0.5, 5, 6)
                    .node("Transpose", List.of("w"), "t", intsAttribute("perm", 1, 0))
                    .node("MatMul", List.of("x", "t"), "y")),
        rows(
            "Gemm, normalised",
            m ->
                m.weight("w", 0.5, 6, 4)
                    .weight("b", 0.5, 4)
                    .weight("g", 0.5, 4)
                    .weight("s", 0.5, 4)
                    .weight("m", 0.5, 4)
                    .weight("v", new float[] {1, 2, 3, 4}, 4)
                    .node("Gemm", List.of("x", "w", "b"), "p")
                    .node("BatchNormalization", List.of("p", "g", "s", "m", "v"), "y")),
        images(
            "MatMul on four axes",
            m -> m.weight("w", 0.5, 7, 5).node("MatMul", List.of("x", "w"), "y")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("layers")
  void equalsTheTeacher(String name, long[] dims, UnaryOperator<TinyModels> nodes)
      throws Exception {
    for (int opset : new int[] {9, 13, 18, 22}) {
      for (int heads : new int[] {1, 3}) {
        long[] free = dims.clone();
        free[0] = -1;
        OnnxModel model =
            nodes.apply(new TinyModels(7).input("x", free)).output("y", anyDims(dims)).build(opset);
        Map<String, TensorValue> inputs = Map.of("x", gaussian(dims));
        float[] expected = run(model.bytes(), inputs);
        float[] actual = run(heir(Teacher.of(model), heads), inputs);
        float largest = 0;
        for (float value : expected) {
          largest = Math.max(largest, Math.abs(value));
        }
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
          assertThat(actual[i])
              .as("value %d, opset %d, heads %d", i, opset, heads)
              .isCloseTo(expected[i], within(1e-4f * largest));
        }
      }
    }
  }

  private static long[] anyDims(long[] dims) {
    long[] free = new long[dims.length];
    Arrays.fill(free, -1);
    return free;
  }

  private static byte[] heir(Teacher teacher, int heads) throws Exception {
    assertThat(teacher.layers()).hasSize(1);
    DenseLayer layer = teacher.layers().get(0);
    Factorization factors =
        Factorization.of(layer.weight(), layer.outputs(), layer.inputs(), Optional.empty());
    int rank = factors.fullRank();
    FactorPair pair =
        new FactorPair(
            layer.name(),
            layer.kind(),
            layer.outputs(),
            layer.inputs(),
            layer.kernel(),
            rank,
            factors.down(rank),
            new ArrayList<>(Collections.nCopies(heads, factors.up(rank))),
            new float[heads == 1 ? 0 : heads * rank]);
    PatchLayer patch =
        new PatchLayer(new float[0], layer.bias(), new float[heads == 1 ? 0 : heads]);
    return new DraftFamily(
            Skeleton.of(teacher, teacher.layers()),
            List.of(new DraftLayer(layer, pair, 1)),
            List.of(List.of(rank)),
            List.of(List.of(patch)))
        .heir(1);
  }

  private static float[] run(byte[] model, Map<String, TensorValue> inputs) throws Exception {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      return session.runFirst(inputs).toFloats();
    }
  }

  private static TensorValue gaussian(long[] dims) {
    SplittableRandom random = new SplittableRandom(5);
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorValue.floats(values, dims);
  }
}
