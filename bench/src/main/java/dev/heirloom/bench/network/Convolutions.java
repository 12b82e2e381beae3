package dev.heirloom.bench.network;

import static dev.heirloom.runtime.graph.Attributes.floatAttribute;
import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;

import java.util.List;

/**
 * The layers of convolutional networks; weights after He: deviation √(2 / inputs of an output).
 *
 * @param normalised whether a BatchNormalization follows each convolution; else it counts as folded
 *     into the convolution, which then has a bias
 */
record Convolutions(GraphBuilder graph, boolean normalised) {

  /** What a convolution is beside its widths. */
  record Kernel(int size, int stride, int groups) {
    Kernel(int size, int stride) {
      this(size, stride, 1);
    }
  }

  String convolution(String x, long in, long out, Kernel kernel) {
    return convolution(x, in, out, kernel, 1);
  }

  /**
   * A convolution and its normalisation.
   *
   * @param share what the weight is multiplied by; below 1 for the last layer of a residual branch,
   *     so that the sum over many branches stays moderate
   */
  String convolution(String x, long in, long out, Kernel kernel, double share) {
    String y = bare(x, in, out, kernel, normalised ? 1 : share, !normalised);
    return normalised ? normalization(y, out) : y;
  }

  /** A convolution that no normalisation follows. */
  String bare(String x, long in, long out, Kernel kernel, double share, boolean biased) {
    int size = kernel.size();
    long inputs = in / kernel.groups() * size * size;
    String weight =
        graph.gaussian(
            "weight", share * Math.sqrt(2.0 / inputs), out, in / kernel.groups(), size, size);
    long pad = size / 2;
    return graph.node(
        "Conv",
        biased ? List.of(x, weight, graph.gaussian("bias", 0.02, out)) : List.of(x, weight),
        intsAttribute("dilations", 1, 1),
        intAttribute("group", kernel.groups()),
        intsAttribute("kernel_shape", size, size),
        intsAttribute("pads", pad, pad, pad, pad),
        intsAttribute("strides", kernel.stride(), kernel.stride()));
  }

  /** A normalisation as it is before training: it changes next to nothing. */
  String normalization(String x, long channels) {
    return graph.node(
        "BatchNormalization",
        List.of(
            x,
            graph.filled("scale", 1, channels),
            graph.filled("shift", 0, channels),
            graph.filled("mean", 0, channels),
            graph.filled("variance", 1, channels)),
        floatAttribute("epsilon", 1e-5f),
        floatAttribute("momentum", 0.9f));
  }

  String relu(String x) {
    return graph.node("Relu", List.of(x));
  }

  String add(String x, String y) {
    return graph.node("Add", List.of(x, y));
  }

  String maxPool(String x, int size, int stride, int pad) {
    return graph.node(
        "MaxPool",
        List.of(x),
        intsAttribute("kernel_shape", size, size),
        intsAttribute("pads", pad, pad, pad, pad),
        intsAttribute("strides", stride, stride));
  }

  /** The mean of each channel: [batch, channels]. */
  String pooled(String x) {
    return graph.node(
        "Flatten", List.of(graph.node("GlobalAveragePool", List.of(x))), intAttribute("axis", 1));
  }

  /** A linear layer. */
  String linear(String x, long in, long out) {
    return graph.node(
        "Gemm",
        List.of(
            x,
            graph.gaussian("weight", Math.sqrt(1.0 / in), out, in),
            graph.filled("bias", 0, out)),
        floatAttribute("alpha", 1),
        floatAttribute("beta", 1),
        intAttribute("transB", 1));
  }
}
