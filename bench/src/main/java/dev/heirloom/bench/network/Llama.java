package dev.heirloom.bench.network;

import dev.heirloom.bench.network.Transformers.Queries;
import java.util.List;
import java.util.Optional;

/**
 * A causal text model of the Llama kind (Touvron et al. 2023): root-mean-square normalisation and
 * gated feed-forward layers as primitive operators, rotary positions, and fewer heads for keys and
 * values than for queries.
 *
 * @param vocabulary number of tokens
 * @param tokens length of a sequence
 * @param keyHeads heads of keys and values, a divisor of {@code heads}
 * @param inner width of the feed-forward layers
 */
public record Llama(
    int vocabulary, int tokens, int width, int depth, int heads, int keyHeads, int inner)
    implements Architecture {

  public Llama {
    if (width % (2 * heads) != 0 || heads % keyHeads != 0) {
      throw new IllegalArgumentException(
          "heads: %d and %d on a width of %d (expected: divisors)"
              .formatted(heads, keyHeads, width));
    }
  }

  /** Two layers of width 256. */
  public static Llama small() {
    return new Llama(512, 64, 256, 2, 8, 2, 688);
  }

  @Override
  public void build(GraphBuilder graph) {
    Transformers parts = new Transformers(graph, width, heads);
    double share = 1 / Math.sqrt(2.0 * depth);
    String ids = graph.tokens("tokens", tokens);
    graph.at("embedding");
    String x = graph.node("Gather", List.of(graph.gaussian("words", 1, vocabulary, width), ids));
    Rotation rotation = Rotation.of(graph, tokens, parts.headWidth());
    String mask = Forms.causalMask(graph, tokens);
    for (int block = 0; block < depth; block++) {
      graph.at("block" + block + ".attention");
      String y = normalized(graph, x);
      int keyWidth = keyHeads * parts.headWidth();
      String queries = parts.apart(parts.linear(y, width, width, false), heads);
      String keys = parts.apart(parts.linear(y, width, keyWidth, false), keyHeads);
      String values = parts.apart(parts.linear(y, width, keyWidth, false), keyHeads);
      Queries from =
          new Queries(
              rotation.turned(queries),
              repeated(graph, rotation.turned(keys), parts.headWidth()),
              repeated(graph, values, parts.headWidth()));
      String attended = parts.attended(from, Optional.of(mask));
      x = parts.add(x, parts.linear(attended, width, width, false, share));
      graph.at("block" + block + ".mlp");
      x = parts.add(x, gated(parts, normalized(graph, x), share));
    }
    graph.at("head");
    String logits = parts.linear(normalized(graph, x), width, vocabulary, false);
    graph.output("logits", logits, tokens, vocabulary);
  }

  private String normalized(GraphBuilder graph, String x) {
    String square = graph.node("Pow", List.of(x, graph.number(2)));
    String mean = Forms.reduceMean(graph, square, true, -1);
    String root =
        graph.node("Sqrt", List.of(graph.node("Add", List.of(mean, graph.number(1e-6f)))));
    String inverse = graph.node("Div", List.of(graph.number(1), root));
    String normal = graph.node("Mul", List.of(x, inverse));
    return graph.node("Mul", List.of(graph.filled("weight", 1, width), normal));
  }

  private String gated(Transformers parts, String x, double share) {
    GraphBuilder graph = parts.graph();
    String gate = parts.linear(x, width, inner, false);
    String open = graph.node("Mul", List.of(gate, graph.node("Sigmoid", List.of(gate))));
    String product = graph.node("Mul", List.of(open, parts.linear(x, width, inner, false)));
    return parts.linear(product, inner, width, false, share);
  }

  /** Each head of keys or values once for each of the query heads that share it. */
  private String repeated(GraphBuilder graph, String x, int headWidth) {
    int times = heads / keyHeads;
    String apart = Forms.unsqueeze(graph, x, 2);
    String wide = graph.node("Expand", List.of(apart, graph.integers(1, 1, times, 1, 1)));
    return graph.node("Reshape", List.of(wide, graph.integers(0, heads, -1, headWidth)));
  }

  /**
   * The rotation of queries and keys by their position.
   *
   * @param cosines constant, [1, 1, tokens, width of a head]
   * @param sines constant, as the cosines
   */
  private record Rotation(GraphBuilder graph, String cosines, String sines, int headWidth) {

    static Rotation of(GraphBuilder graph, int tokens, int headWidth) {
      float[] cosines = new float[tokens * headWidth];
      float[] sines = new float[tokens * headWidth];
      int half = headWidth / 2;
      for (int i = 0; i < cosines.length; i++) {
        int token = i / headWidth;
        double angle = token * Math.pow(10000, -(double) (i % half) / half);
        cosines[i] = (float) Math.cos(angle);
        sines[i] = (float) Math.sin(angle);
      }
      return new Rotation(
          graph,
          graph.weight("cosines", cosines, 1, 1, tokens, headWidth),
          graph.weight("sines", sines, 1, 1, tokens, headWidth),
          headWidth);
    }

    String turned(String x) {
      int half = headWidth / 2;
      String first = Forms.slice(graph, x, 3, 0, half);
      String second = Forms.slice(graph, x, 3, half, headWidth);
      String crossed = Forms.joined(graph, 3, graph.node("Neg", List.of(second)), first);
      String straight = graph.node("Mul", List.of(x, cosines));
      return graph.node("Add", List.of(straight, graph.node("Mul", List.of(crossed, sines))));
    }
  }
}
