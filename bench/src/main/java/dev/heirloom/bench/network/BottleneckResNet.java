package dev.heirloom.bench.network;

import dev.heirloom.bench.network.Convolutions.Kernel;
import java.util.List;

/**
 * A residual network of bottleneck blocks (He et al. 2016), normalisation folded; as usual today, a
 * block's stride is in its 3×3 convolution.
 *
 * @param image height and width
 * @param blocks number of blocks of each stage
 * @param width inner channels of the first stage; each later stage has twice as many
 */
public record BottleneckResNet(int image, List<Integer> blocks, int width, int classes)
    implements Architecture {
  private static final int EXPANSION = 4;

  public BottleneckResNet {
    blocks = List.copyOf(blocks);
  }

  /** ResNet-50 for 224×224 images. */
  public static BottleneckResNet resNet50() {
    return new BottleneckResNet(224, List.of(3, 4, 6, 3), 64, 1000);
  }

  @Override
  public void build(GraphBuilder graph) {
    Convolutions parts = new Convolutions(graph, false);
    double share = 1 / Math.sqrt(2.0 * blocks.stream().mapToInt(b -> b).sum());
    String x = graph.input("image", 3, image, image);
    graph.at("stem");
    x = parts.relu(parts.convolution(x, 3, width, new Kernel(7, 2)));
    x = parts.maxPool(x, 3, 2, 1);
    int in = width;
    for (int stage = 0; stage < blocks.size(); stage++) {
      int inner = width << stage;
      int out = inner * EXPANSION;
      for (int block = 0; block < blocks.get(stage); block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String place = "stage%d.%d".formatted(stage + 1, block);
        graph.at(place);
        String y = parts.relu(parts.convolution(x, in, inner, new Kernel(1, 1)));
        y = parts.relu(parts.convolution(y, inner, inner, new Kernel(3, stride)));
        y = parts.convolution(y, inner, out, new Kernel(1, 1), share);
        graph.at(place + ".shortcut");
        String kept = block > 0 ? x : parts.convolution(x, in, out, new Kernel(1, stride));
        graph.at(place);
        x = parts.relu(parts.add(y, kept));
        in = out;
      }
    }
    graph.at("head");
    graph.output("logits", parts.linear(parts.pooled(x), in, classes), classes);
  }
}
