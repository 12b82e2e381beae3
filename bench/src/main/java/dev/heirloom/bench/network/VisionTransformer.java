package dev.heirloom.bench.network;

import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static dev.heirloom.runtime.graph.Attributes.intsAttribute;

import java.util.List;
import java.util.Optional;

/**
 * A vision transformer (Dosovitskiy et al. 2021) with a class token.
 *
 * @param image height and width
 * @param patch height and width of a patch
 * @param together whether queries, keys and values come from one product that is then split, or
 *     from three
 */
public record VisionTransformer(
    int image, int patch, int width, int depth, int heads, int classes, boolean together)
    implements Architecture {

  /** ViT-tiny on 32×32 images in patches of 4×4: 65 tokens. */
  public static VisionTransformer vitTiny(boolean together) {
    return new VisionTransformer(32, 4, 192, 12, 3, 100, together);
  }

  @Override
  public void build(GraphBuilder graph) {
    Transformers parts = new Transformers(graph, width, heads);
    double share = 1 / Math.sqrt(2.0 * depth);
    String x = embedded(graph, graph.input("image", 3, image, image));
    for (int block = 0; block < depth; block++) {
      graph.at("block" + block + ".attention");
      String attended =
          parts.attended(parts.projected(parts.layerNorm(x), together), Optional.empty());
      x = parts.add(x, parts.linear(attended, width, width, true, share));
      graph.at("block" + block + ".mlp");
      x = parts.add(x, parts.feedForward(parts.layerNorm(x), 4L * width, share));
    }
    graph.at("head");
    x = parts.layerNorm(x);
    String first = graph.node("Gather", List.of(x, graph.integer(0)), intAttribute("axis", 1));
    Convolutions head = new Convolutions(graph, false);
    graph.output("logits", head.linear(first, width, classes), classes);
  }

  private String embedded(GraphBuilder graph, String input) {
    int across = image / patch;
    graph.at("embedding");
    String weight =
        graph.gaussian("weight", Math.sqrt(1.0 / (3 * patch * patch)), width, 3, patch, patch);
    String patches =
        graph.node(
            "Conv",
            List.of(input, weight, graph.gaussian("bias", 0.02, width)),
            intsAttribute("kernel_shape", patch, patch),
            intsAttribute("strides", patch, patch));
    String flat = graph.node("Reshape", List.of(patches, graph.integers(0, width, -1)));
    String tokens = graph.node("Transpose", List.of(flat), intsAttribute("perm", 0, 2, 1));
    String batch =
        graph.node(
            "Gather",
            List.of(graph.node("Shape", List.of(input)), graph.integers(0)),
            intAttribute("axis", 0));
    String shape = Forms.joined(graph, 0, batch, graph.integers(1, width));
    String token = graph.node("Expand", List.of(graph.gaussian("token", 0.02, 1, 1, width), shape));
    String all = Forms.joined(graph, 1, token, tokens);
    String places = graph.gaussian("places", 0.02, 1, across * across + 1, width);
    return graph.node("Add", List.of(all, places));
  }
}
