package dev.heirloom.inheritance.student;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StudentTest {
  private static final int SIDE = 8;

  /** Residual, depthwise, grouped and joined paths, a flattened head with a hidden layer. */
  private static OnnxModel branching() throws Exception {
    return new TinyModels(3)
        .input("image", -1, 3, SIDE, SIDE)
        .block("image", "a", 3, 32, 1)
        .block("a", "b", 32, 32, 1)
        .node("Add", List.of("a", "b"), "sum")
        .weight("dw", 0.3, 32, 1, 3, 3)
        .weight("db", 0.3, 32)
        .node(
            "Conv",
            List.of("sum", "dw", "db"),
            "depthwise",
            Attributes.intAttribute("group", 32),
            Attributes.intsAttribute("pads", 1, 1, 1, 1))
        .node("Relu", List.of("depthwise"), "d")
        .weight("gw", 0.2, 48, 8, 1, 1)
        .node("Conv", List.of("d", "gw"), "grouped", Attributes.intAttribute("group", 4))
        .block("sum", "side", 32, 16, 1)
        .node("Concat", List.of("grouped", "side"), "joined", Attributes.intAttribute("axis", 1))
        .block("joined", "c", 64, 64, 2)
        .node("Flatten", List.of("c"), "flat")
        .weight("hw", 0.05, 1024, 96)
        .weight("hb", 0.1, 96)
        .node("Gemm", List.of("flat", "hw", "hb"), "hidden")
        .node("Relu", List.of("hidden"), "h")
        .weight("ow", 0.2, 10, 96)
        .weight("ob", 0.1, 10)
        .node("Gemm", List.of("h", "ow", "ob"), "scores", Attributes.intAttribute("transB", 1))
        .output("scores", -1, 10)
        .build();
  }

  /** Self-attention with four heads, cut by constant reshapes, between two linear layers. */
  private static OnnxModel attention() throws Exception {
    TinyModels model =
        new TinyModels(3)
            .input("x", -1, 6, 5)
            .weight("in", 0.3, 5, 64)
            .node("MatMul", List.of("x", "in"), "e")
            .weight("position", 0.3, 1, 6, 64)
            .node("Add", List.of("e", "position"), "p")
            .weight("g", 0.3, 64)
            .weight("b", 0.3, 64)
            .node("LayerNormalization", List.of("p", "g", "b"), "n")
            .longs("heads", -1, 6, 4, 16)
            .longs("merged", -1, 6, 64);
    for (String part : List.of("q", "k", "v")) {
      long[] order = part.equals("k") ? new long[] {0, 2, 3, 1} : new long[] {0, 2, 1, 3};
      model
          .weight(part + "w", 0.2, 64, 64)
          .node("MatMul", List.of("n", part + "w"), part + "m")
          .node("Reshape", List.of(part + "m", "heads"), part + "r")
          .node("Transpose", List.of(part + "r"), part, Attributes.intsAttribute("perm", order));
    }
    return model
        .node("MatMul", List.of("q", "k"), "qk")
        .node("Softmax", List.of("qk"), "attention")
        .node("MatMul", List.of("attention", "v"), "mixed")
        .node("Transpose", List.of("mixed"), "back", Attributes.intsAttribute("perm", 0, 2, 1, 3))
        .node("Reshape", List.of("back", "merged"), "all")
        .weight("proj", 0.2, 64, 64)
        .node("MatMul", List.of("all", "proj"), "projected")
        .node("Add", List.of("p", "projected"), "r")
        .node(
            "ReduceMean",
            List.of("r"),
            "pooled",
            Attributes.intsAttribute("axes", 1),
            Attributes.intAttribute("keepdims", 0))
        .weight("head", 0.2, 64, 3)
        .node("MatMul", List.of("pooled", "head"), "scores")
        .output("scores", -1, 3)
        .build();
  }

  private static Map<String, TensorValue> gaussian(String name, long... dims) {
    SplittableRandom random = new SplittableRandom(1);
    int elements = Math.toIntExact(OnnxTensors.elements(name, dims));
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Map.of(name, TensorValue.floats(values, dims));
  }

  private static TensorValue run(OnnxModel model, Map<String, TensorValue> inputs)
      throws Exception {
    try (OnnxSession session = OnnxSession.open(model.bytes(), SessionSettings.cpu(1))) {
      return session.runFirst(inputs);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 0.35, 0.2})
  void meetsTheSizeAndKeepsTheOutputs(double share) throws Exception {
    Teacher teacher = Teacher.of(branching());
    long wanted = Math.round(share * teacher.original().parameters());
    Map<String, TensorValue> one = gaussian("image", 1, 3, SIDE, SIDE);
    OnnxModel student = Student.ofKind(teacher, one, wanted, 1).trained(Map.of());
    assertThat((double) student.parameters()).isCloseTo((double) wanted, within(0.1 * wanted));
    assertThat(run(student, gaussian("image", 5, 3, SIDE, SIDE)).dims()).containsExactly(5, 10);
  }

  @Test
  void attentionKeepsItsHeadsAndNarrowsThem() throws Exception {
    Teacher teacher = Teacher.of(attention());
    long wanted = Math.round(0.35 * teacher.original().parameters());
    OnnxModel student =
        Student.ofKind(teacher, gaussian("x", 1, 6, 5), wanted, 1).trained(Map.of());
    assertThat((double) student.parameters()).isCloseTo((double) wanted, within(0.1 * wanted));
    assertThat(run(student, gaussian("x", 2, 6, 5)).dims()).containsExactly(2, 3);
    assertThat(weight(student, "qw").getDims(1) % 4).isZero();
  }

  @Test
  void foldingTheNormalisationChangesNothing() throws Exception {
    Map<String, TensorValue> one = gaussian("image", 1, 3, SIDE, SIDE);
    Student student = Student.ofKind(Teacher.of(branching()), one, 40_000, 1);
    assertThat(student.untrained().nodes())
        .anyMatch(node -> node.getOpType().equals("BatchNormalization"));
    assertThat(student.trained(Map.of()).nodes())
        .noneMatch(node -> node.getOpType().equals("BatchNormalization"));
    float[] before = run(student.untrained(), one).toFloats();
    float[] after = run(student.trained(Map.of()), one).toFloats();
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isCloseTo(before[i], within(1e-3f));
    }
  }

  @Test
  void weightsAreForgottenAndDrawnFromTheSeed() throws Exception {
    OnnxModel own = branching();
    String weight = "dw";
    float[] first = floats(Student.of(own, 1).untrained(), weight);
    assertThat(first).isNotEqualTo(floats(own, weight));
    assertThat(floats(Student.of(own, 1).untrained(), weight)).isEqualTo(first);
    assertThat(floats(Student.of(own, 2).untrained(), weight)).isNotEqualTo(first);
  }

  private static TensorProto weight(OnnxModel model, String name) {
    return Objects.requireNonNull(model.initializers().get(name));
  }

  private static float[] floats(OnnxModel model, String name) {
    return OnnxTensors.floats(weight(model, name));
  }

  @Test
  void aNetworkOfOneLayerIsRefusedWithAWayOut() throws Exception {
    OnnxModel single =
        new TinyModels(1)
            .input("x", -1, 4)
            .weight("w", 1, 4, 3)
            .node("MatMul", List.of("x", "w"), "y")
            .output("y", -1, 3)
            .build();
    assertThatThrownBy(() -> Student.ofKind(Teacher.of(single), gaussian("x", 1, 4), 6, 1))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.reasons()).anyMatch(reason -> reason.contains("--student")));
  }

  @Test
  void anOperatorThatHidesItsChannelsKeepsThemAsTheyAre() throws Exception {
    OnnxModel shuffled =
        new TinyModels(1)
            .input("x", -1, 4, 4, 4)
            .weight("w", 0.2, 16, 4, 1, 1)
            .node("Conv", List.of("x", "w"), "c")
            .node("DepthToSpace", List.of("c"), "wide", Attributes.intAttribute("blocksize", 2))
            .weight("v", 0.2, 32, 4, 1, 1)
            .node("Conv", List.of("wide", "v"), "d")
            .node("GlobalAveragePool", List.of("d"), "pooled")
            .node("Flatten", List.of("pooled"), "flat")
            .weight("h", 0.2, 32, 3)
            .node("MatMul", List.of("flat", "h"), "y")
            .output("y", -1, 3)
            .build();
    OnnxModel student =
        Student.ofKind(Teacher.of(shuffled), gaussian("x", 1, 4, 4, 4), 200, 1).trained(Map.of());
    assertThat(run(student, gaussian("x", 1, 4, 4, 4)).dims()).containsExactly(1, 3);
    assertThat(student.initializers().values())
        .anyMatch(weight -> weight.getDimsList().equals(List.of(16L, 4L, 1L, 1L)));
    assertThat(student.parameters()).isBetween(180L, 220L);
  }
}
