package dev.heirloom.bench.network;

import dev.heirloom.bench.network.Convolutions.Kernel;

/**
 * A wide residual network (Zagoruyko and Komodakis 2016) for 32×32 images. Its normalisations stand
 * before their convolutions, so that exporters cannot fold those behind a sum.
 *
 * @param depth 6n + 4
 * @param widening what 16, 32 and 64 channels are multiplied by
 */
public record WideResNet(int depth, int widening, int classes) implements Architecture {

  public WideResNet {
    if (depth < 10 || depth % 6 != 4) {
      throw new IllegalArgumentException("depth: " + depth + " (expected: 10, 16, 22, ...)");
    }
  }

  /** WRN-16-2. */
  public static WideResNet wrn16x2() {
    return new WideResNet(16, 2, 100);
  }

  @Override
  public void build(GraphBuilder graph) {
    Convolutions parts = new Convolutions(graph, false);
    int blocks = (depth - 4) / 6;
    double share = 1 / Math.sqrt(6.0 * blocks);
    String x = graph.input("image", 3, 32, 32);
    x = parts.bare(x, 3, 16, new Kernel(3, 1), 1, false);
    int in = 16;
    for (int stage = 0; stage < 3; stage++) {
      int out = (16 << stage) * widening;
      for (int block = 0; block < blocks; block++) {
        Kernel first = new Kernel(3, stage > 0 && block == 0 ? 2 : 1);
        graph.at("stage%d.%d".formatted(stage + 1, block));
        String ready = parts.relu(parts.normalization(x, in));
        String y = parts.relu(parts.convolution(ready, in, out, first));
        y = parts.bare(y, out, out, new Kernel(3, 1), share, false);
        String kept =
            in == out ? x : parts.bare(ready, in, out, new Kernel(1, first.stride()), 1, false);
        x = parts.add(y, kept);
        in = out;
      }
    }
    graph.at("head");
    x = parts.relu(parts.normalization(x, in));
    graph.output("logits", parts.linear(parts.pooled(x), in, classes), classes);
  }
}
