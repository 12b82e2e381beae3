package dev.heirloom.bench.network;

import dev.heirloom.bench.network.Convolutions.Kernel;
import java.util.List;

/**
 * A residual network of basic blocks for small images (He et al. 2016, section 4.2), with 1×1
 * convolutions as shortcuts where the shape changes.
 *
 * @param imageDims channels, height, width
 * @param blocks in each stage
 * @param widths channels of each stage; from the second on, a stage halves height and width
 * @param normalised whether batch normalisation is kept, as training needs it; else it is folded
 */
public record BasicResNet(
    List<Integer> imageDims, int blocks, List<Integer> widths, int classes, boolean normalised)
    implements Architecture {

  public BasicResNet {
    imageDims = List.copyOf(imageDims);
    widths = List.copyOf(widths);
  }

  /** ResNet-56 for 32×32 images, normalisation folded. */
  public static BasicResNet resNet56() {
    return new BasicResNet(List.of(3, 32, 32), 9, List.of(16, 32, 64), 100, false);
  }

  /** A network with the inputs and outputs of fashion-resnet14, ready to be trained. */
  public static BasicResNet resNet14(int first, int second, int third) {
    return new BasicResNet(List.of(1, 28, 28), 2, List.of(first, second, third), 10, true);
  }

  @Override
  public void build(GraphBuilder graph) {
    Convolutions parts = new Convolutions(graph, normalised);
    double share = 1 / Math.sqrt(2.0 * blocks * widths.size());
    String x = graph.input("image", imageDims.stream().mapToLong(Integer::longValue).toArray());
    int in = widths.get(0);
    graph.at("stem");
    x = parts.relu(parts.convolution(x, imageDims.get(0), in, new Kernel(3, 1)));
    for (int stage = 0; stage < widths.size(); stage++) {
      int out = widths.get(stage);
      for (int block = 0; block < blocks; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String place = "stage%d.%d".formatted(stage + 1, block);
        graph.at(place);
        String y = parts.relu(parts.convolution(x, in, out, new Kernel(3, stride)));
        y = parts.convolution(y, out, out, new Kernel(3, 1), share);
        graph.at(place + ".shortcut");
        String kept =
            in == out && stride == 1 ? x : parts.convolution(x, in, out, new Kernel(1, stride));
        graph.at(place);
        x = parts.relu(parts.add(y, kept));
        in = out;
      }
    }
    graph.at("head");
    String pooled = Forms.reduceMean(graph, x, false, 2, 3);
    graph.output("logits", parts.linear(pooled, in, classes), classes);
  }
}
