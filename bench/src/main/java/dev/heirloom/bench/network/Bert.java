package dev.heirloom.bench.network;

import static dev.heirloom.runtime.graph.Attributes.intAttribute;

import java.util.List;
import java.util.Optional;

/**
 * A text classifier of the BERT kind (Devlin et al. 2019): normalised after each sum, with padding
 * (token 0) masked out, and a head on the first token.
 *
 * @param vocabulary number of tokens
 * @param tokens length of a sequence
 * @param inner width of the feed-forward layers
 */
public record Bert(
    int vocabulary, int tokens, int width, int depth, int heads, int inner, int classes)
    implements Architecture {

  /** BERT-mini on sequences of 128 tokens. */
  public static Bert bertMini() {
    return new Bert(30522, 128, 256, 4, 4, 1024, 2);
  }

  @Override
  public void build(GraphBuilder graph) {
    Transformers parts = new Transformers(graph, width, heads);
    String ids = graph.tokens("tokens", tokens);
    graph.at("embedding");
    String words = graph.gaussian("words", 1, vocabulary, width);
    String x = graph.node("Gather", List.of(words, ids));
    x = parts.layerNorm(parts.add(x, graph.gaussian("places", 0.1, 1, tokens, width)));
    String mask = mask(graph, ids);
    for (int block = 0; block < depth; block++) {
      graph.at("block" + block + ".attention");
      String attended = parts.attended(parts.projected(x, false), Optional.of(mask));
      x = parts.layerNorm(parts.add(parts.linear(attended, width, width, true), x));
      graph.at("block" + block + ".mlp");
      x = parts.layerNorm(parts.add(parts.feedForward(x, inner, 1), x));
    }
    graph.at("head");
    String first = graph.node("Gather", List.of(x, graph.integer(0)), intAttribute("axis", 1));
    Convolutions head = new Convolutions(graph, false);
    String pooled = graph.node("Tanh", List.of(head.linear(first, width, width)));
    graph.output("logits", head.linear(pooled, width, classes), classes);
  }

  /** Zero where there is a token, and a large negative number where there is padding. */
  private static String mask(GraphBuilder graph, String ids) {
    String padding = graph.node("Equal", List.of(ids, graph.integer(0)));
    String rows = Forms.unsqueeze(graph, padding, 1, 2);
    String ones = graph.node("Cast", List.of(rows), intAttribute("to", 1));
    return graph.node("Mul", List.of(ones, graph.number(-1e9f)));
  }
}
