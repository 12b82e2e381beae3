package dev.heirloom.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.Graphs;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeCheckTest {

  private static OnnxModel with(NodeProto node, GraphProto.Builder graph)
      throws MalformedException {
    return OnnxModel.of(Graphs.model(17, graph.addNode(node)), "test.onnx");
  }

  private static GraphProto.Builder image() {
    return Graphs.relu()
        .addInput(Graphs.value("image", -1, 2, 8, 8))
        .addInitializer(Graphs.tensor("w", new float[4 * 2 * 9], 4, 2, 3, 3));
  }

  private static void refuses(NodeProto node, GraphProto.Builder graph, String line) {
    assertThatThrownBy(() -> with(node, graph))
        .isInstanceOf(MalformedException.class)
        .hasMessageStartingWith("test.onnx: node o.node")
        .hasMessageContaining(line);
  }

  private static NodeProto conv(AttributeProto... attributes) {
    return Graphs.node("Conv", "o", List.of("image", "w"), attributes);
  }

  @Test
  void takesAConvolutionWhoseWindowIsPossible() throws Exception {
    OnnxModel model =
        with(
            conv(
                Attributes.intsAttribute("kernel_shape", 3, 3),
                Attributes.intsAttribute("strides", 2, 2),
                Attributes.intsAttribute("pads", 1, 1, 1, 1)),
            image());

    assertThat(model.nodes()).hasSize(2);
  }

  @Test
  void refusesWindowsThatCannotMove() {
    refuses(conv(Attributes.intsAttribute("strides", 0, 1)), image(), "strides [0, 1]");
    refuses(conv(Attributes.intsAttribute("dilations", 1, -1)), image(), "dilations [1, -1]");
    refuses(conv(Attributes.intsAttribute("pads", 1, 1)), image(), "(expected: 4 numbers)");
    refuses(conv(Attributes.intsAttribute("pads", 0, 0, 0, 1L << 40)), image(), "pads");
    refuses(conv(Attributes.intsAttribute("kernel_shape", 5, 5)), image(), "the weight's, [3, 3]");
    refuses(conv(Attributes.intAttribute("group", 0)), image(), "group 0");
    refuses(conv(Attributes.intAttribute("group", 3)), image(), "4 outputs in 3 groups");
  }

  @Test
  void refusesNodesThatLackInputsOrOutputs() {
    refuses(Graphs.node("Conv", "o", List.of("image")), image(), "no input 1");
    refuses(Graphs.node("Gemm", "o", List.of("", "w")), image(), "no input 0");
    refuses(conv().toBuilder().clearOutput().build(), image(), "no output");
    refuses(
        conv(Attributes.intAttribute("group", 1), Attributes.intAttribute("group", 2)),
        image(),
        "the attribute group twice");
  }

  @Test
  void refusesOperandsThatMakeSizesNegativeOrHuge() {
    GraphProto.Builder pads = image().addInitializer(longs("n", 0, 0, 0, 0, 0, 0, 0, -1L << 62));
    refuses(Graphs.node("Pad", "o", List.of("image", "n")), pads, "has pads");
    GraphProto.Builder scales =
        image().addInitializer(Graphs.tensor("n", new float[] {1, 1, -1, 2}, 4));
    refuses(Graphs.node("Resize", "o", List.of("image", "", "n")), scales, "has scales");
    GraphProto.Builder fill = image().addInitializer(longs("n", 1 << 20, 1 << 20));
    refuses(Graphs.node("ConstantOfShape", "o", List.of("n")), fill, "at most 268435456");
    GraphProto.Builder repeats = image().addInitializer(longs("n", 1, 1, -3, 1));
    refuses(Graphs.node("Tile", "o", List.of("image", "n")), repeats, "has repeats");
  }

  @Test
  void refusesScalesThatInputsDecideOnButTakesThoseThatFollowFromShapes() throws Exception {
    refuses(
        Graphs.node("Resize", "o", List.of("image", "", "image")),
        image(),
        "takes scales from the values of image");
    GraphProto.Builder shapes =
        image()
            .addNode(Graphs.node("Shape", "s", List.of("image")))
            .addNode(Graphs.node("Cast", "n", List.of("s"), Attributes.intAttribute("to", 1)));

    assertThat(with(Graphs.node("Resize", "o", List.of("image", "", "n")), shapes).nodes())
        .hasSize(4);
  }

  @Test
  void findsOperandsInConstantNodes() {
    GraphProto.Builder graph =
        image()
            .addNode(
                Graphs.node(
                    "Constant",
                    "n",
                    List.of(),
                    Attributes.tensorAttribute("value", longs("", -7))));
    refuses(Graphs.node("ConstantOfShape", "o", List.of("n")), graph, "shape [-7]");
  }

  private static TensorProto longs(String name, long... values) {
    return OnnxTensors.ofLongs(name, new long[] {values.length}, values);
  }
}
