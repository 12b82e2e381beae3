package dev.heirloom.bench.network;

import dev.heirloom.bench.network.Convolutions.Kernel;
import java.util.List;

/**
 * A plain stack of 3×3 convolutions (Simonyan and Zisserman 2015) with one linear layer, as
 * distillation papers use it on 32×32 images; normalisation folded.
 *
 * @param widths channels of each convolution, by stage
 * @param pools stages that a 2×2 maximum pooling follows, counted from the first
 */
public record Vgg(int image, List<List<Integer>> widths, int pools, int classes)
    implements Architecture {

  public Vgg {
    widths = widths.stream().map(List::copyOf).toList();
  }

  /** VGG-13 for 32×32 images, which the published code pools three times. */
  public static Vgg vgg13() {
    return new Vgg(
        32,
        List.of(
            List.of(64, 64),
            List.of(128, 128),
            List.of(256, 256),
            List.of(512, 512),
            List.of(512, 512)),
        3,
        100);
  }

  @Override
  public void build(GraphBuilder graph) {
    Convolutions parts = new Convolutions(graph, false);
    String x = graph.input("image", 3, image, image);
    int in = 3;
    for (int stage = 0; stage < widths.size(); stage++) {
      graph.at("stage" + (stage + 1));
      for (int out : widths.get(stage)) {
        x = parts.relu(parts.convolution(x, in, out, new Kernel(3, 1)));
        in = out;
      }
      if (stage < pools) {
        x = parts.maxPool(x, 2, 2, 0);
      }
    }
    graph.at("head");
    graph.output("logits", parts.linear(parts.pooled(x), in, classes), classes);
  }
}
