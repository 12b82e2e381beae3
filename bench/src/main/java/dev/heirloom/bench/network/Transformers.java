package dev.heirloom.bench.network;

import static dev.heirloom.runtime.graph.Attributes.intsAttribute;

import java.util.List;
import java.util.Optional;

/**
 * The layers of transformers, on [batch, tokens, width].
 *
 * @param width of a token
 * @param heads of the attention; they share the width
 */
record Transformers(GraphBuilder graph, int width, int heads) {
  /** What one attention looks at. */
  record Queries(String queries, String keys, String values) {}

  int headWidth() {
    return width / heads;
  }

  /** A linear layer as MatMul and, if biased, Add. */
  String linear(String x, long in, long out, boolean biased) {
    return linear(x, in, out, biased, 1);
  }

  String linear(String x, long in, long out, boolean biased, double share) {
    String weight = graph.gaussian("weight", share * Math.sqrt(1.0 / in), in, out);
    String product = graph.node("MatMul", List.of(x, weight));
    return biased
        ? graph.node("Add", List.of(graph.gaussian("bias", 0.02, out), product))
        : product;
  }

  /** Queries, keys and values, each with its heads apart: [batch, heads, tokens, width of one]. */
  Queries projected(String x, boolean together) {
    List<String> parts;
    if (together) {
      parts = Forms.split(graph, linear(x, width, 3L * width, true), 2, 3, width);
    } else {
      parts =
          List.of(
              linear(x, width, width, true),
              linear(x, width, width, true),
              linear(x, width, width, true));
    }
    return new Queries(
        apart(parts.get(0), heads), apart(parts.get(1), heads), apart(parts.get(2), heads));
  }

  String apart(String x, int number) {
    String split = graph.node("Reshape", List.of(x, graph.integers(0, 0, number, headWidth())));
    return graph.node("Transpose", List.of(split), intsAttribute("perm", 0, 2, 1, 3));
  }

  /**
   * What the attention gives, its heads together again, before the output layer.
   *
   * @param mask is added to the scores
   */
  String attended(Queries from, Optional<String> mask) {
    String turned =
        graph.node("Transpose", List.of(from.keys()), intsAttribute("perm", 0, 1, 3, 2));
    String scores = graph.node("MatMul", List.of(from.queries(), turned));
    String root = graph.number((float) Math.sqrt(headWidth()));
    scores = graph.node("Div", List.of(scores, root));
    if (mask.isPresent()) {
      scores = graph.node("Add", List.of(scores, mask.get()));
    }
    String mixed = graph.node("MatMul", List.of(Forms.softmax(graph, scores, 4), from.values()));
    String together = graph.node("Transpose", List.of(mixed), intsAttribute("perm", 0, 2, 1, 3));
    return graph.node("Reshape", List.of(together, graph.integers(0, 0, width)));
  }

  /** Two linear layers with a Gelu between them. */
  String feedForward(String x, long inner, double share) {
    String hidden = Forms.gelu(graph, linear(x, width, inner, true));
    return linear(hidden, inner, width, true, share);
  }

  String layerNorm(String x) {
    return Forms.layerNorm(graph, x, width);
  }

  String add(String x, String y) {
    return graph.node("Add", List.of(x, y));
  }
}
