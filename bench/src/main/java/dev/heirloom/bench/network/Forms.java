package dev.heirloom.bench.network;

import static dev.heirloom.runtime.graph.Attributes.floatAttribute;
import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;
import static dev.heirloom.runtime.graph.Attributes.tensorAttribute;

import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Arrays;
import java.util.List;

/** Operators whose form changed from one operator set to another, in that of the graph's. */
final class Forms {
  private Forms() {}

  static String reduceMean(GraphBuilder graph, String x, boolean keep, long... axes) {
    var keepDims = intAttribute("keepdims", keep ? 1 : 0);
    return graph.opset() >= 18
        ? graph.node("ReduceMean", List.of(x, graph.integers(axes)), keepDims)
        : graph.node("ReduceMean", List.of(x), intsAttribute("axes", axes), keepDims);
  }

  static String unsqueeze(GraphBuilder graph, String x, long... axes) {
    return graph.opset() >= 13
        ? graph.node("Unsqueeze", List.of(x, graph.integers(axes)))
        : graph.node("Unsqueeze", List.of(x), intsAttribute("axes", axes));
  }

  static String slice(GraphBuilder graph, String x, long axis, long from, long to) {
    return graph.opset() >= 10
        ? graph.node(
            "Slice", List.of(x, graph.integers(from), graph.integers(to), graph.integers(axis)))
        : graph.node(
            "Slice",
            List.of(x),
            intsAttribute("starts", from),
            intsAttribute("ends", to),
            intsAttribute("axes", axis));
  }

  /** Parts of equal length. */
  static List<String> split(GraphBuilder graph, String x, long axis, int parts, long length) {
    var along = intAttribute("axis", axis);
    if (graph.opset() >= 18) {
      return graph.nodes("Split", List.of(x), parts, along, intAttribute("num_outputs", parts));
    }
    long[] lengths = new long[parts];
    Arrays.fill(lengths, length);
    return graph.opset() >= 13
        ? graph.nodes("Split", List.of(x, graph.integers(lengths)), parts, along)
        : graph.nodes("Split", List.of(x), parts, along, intsAttribute("split", lengths));
  }

  static String clip(GraphBuilder graph, String x, float least, float most) {
    return graph.opset() >= 11
        ? graph.node("Clip", List.of(x, graph.number(least), graph.number(most)))
        : graph.node("Clip", List.of(x), floatAttribute("min", least), floatAttribute("max", most));
  }

  /** Over the last axis of a tensor of this rank. */
  static String softmax(GraphBuilder graph, String x, int rank) {
    return graph.node(
        "Softmax", List.of(x), intAttribute("axis", graph.opset() >= 13 ? -1 : rank - 1));
  }

  /** The Gaussian error linear unit: one operator from set 20 on, its parts before. */
  static String gelu(GraphBuilder graph, String x) {
    if (graph.opset() >= 20) {
      return graph.node("Gelu", List.of(x));
    }
    String erf =
        graph.node("Erf", List.of(graph.node("Div", List.of(x, graph.number(1.4142135f)))));
    String sum = graph.node("Add", List.of(erf, graph.number(1)));
    return graph.node("Mul", List.of(graph.node("Mul", List.of(x, sum)), graph.number(0.5f)));
  }

  /** Over the last axis: one operator from set 17 on, its parts before. */
  static String layerNorm(GraphBuilder graph, String x, long width) {
    String scale = graph.filled("weight", 1, width);
    String shift = graph.filled("bias", 0, width);
    float epsilon = 1e-5f;
    if (graph.opset() >= 17) {
      return graph.node(
          "LayerNormalization", List.of(x, scale, shift), floatAttribute("epsilon", epsilon));
    }
    String centred = graph.node("Sub", List.of(x, reduceMean(graph, x, true, -1)));
    String square = graph.node("Pow", List.of(centred, graph.number(2)));
    String variance = reduceMean(graph, square, true, -1);
    String root =
        graph.node("Sqrt", List.of(graph.node("Add", List.of(variance, graph.number(epsilon)))));
    String normal = graph.node("Div", List.of(centred, root));
    return graph.node("Add", List.of(graph.node("Mul", List.of(normal, scale)), shift));
  }

  /** The mask of a causal network: zeros, and above the diagonal a large negative number. */
  static String causalMask(GraphBuilder graph, int tokens) {
    float hidden = -1e9f;
    if (graph.opset() >= 14) {
      String full =
          graph.node(
              "ConstantOfShape",
              List.of(graph.integers(tokens, tokens)),
              tensorAttribute(
                  "value", OnnxTensors.ofFloats("", new long[] {1}, new float[] {hidden})));
      return graph.node("Trilu", List.of(full, graph.integer(1)), intAttribute("upper", 1));
    }
    float[] mask = new float[tokens * tokens];
    for (int i = 0; i < tokens; i++) {
      Arrays.fill(mask, i * tokens + i + 1, (i + 1) * tokens, hidden);
    }
    return graph.weight("mask", mask, tokens, tokens);
  }

  static String joined(GraphBuilder graph, long axis, String... parts) {
    return graph.node("Concat", List.of(parts), intAttribute("axis", axis));
  }
}
