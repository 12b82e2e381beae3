package dev.heirloom.bench.network;

import dev.heirloom.bench.network.Convolutions.Kernel;
import java.util.List;

/**
 * A network of inverted residual blocks, MobileNetV2 (Sandler et al. 2018), normalisation folded:
 * 1×1 convolutions around depthwise ones, and activations clipped to 0..6.
 *
 * @param image height and width
 * @param stemStride stride of the first convolution
 * @param stages in order
 * @param last channels of the last 1×1 convolution
 */
public record InvertedResidualNet(
    int image, int stemStride, List<Stage> stages, int last, int classes) implements Architecture {

  /**
   * Blocks of one shape.
   *
   * @param expansion inner channels per channel that comes in
   * @param stride of the first block; the others have 1
   */
  public record Stage(int expansion, int width, int blocks, int stride) {}

  public InvertedResidualNet {
    stages = List.copyOf(stages);
  }

  /** MobileNetV2 for 224×224 images. */
  public static InvertedResidualNet mobileNetV2() {
    return new InvertedResidualNet(
        224,
        2,
        List.of(
            new Stage(1, 16, 1, 1),
            new Stage(6, 24, 2, 2),
            new Stage(6, 32, 3, 2),
            new Stage(6, 64, 4, 2),
            new Stage(6, 96, 3, 1),
            new Stage(6, 160, 3, 2),
            new Stage(6, 320, 1, 1)),
        1280,
        1000);
  }

  @Override
  public void build(GraphBuilder graph) {
    Convolutions parts = new Convolutions(graph, false);
    int stem = 2 * stages.get(0).width();
    String x = graph.input("image", 3, image, image);
    graph.at("stem");
    x = clipped(graph, parts.convolution(x, 3, stem, new Kernel(3, stemStride)));
    int in = stem;
    for (int i = 0; i < stages.size(); i++) {
      Stage stage = stages.get(i);
      for (int block = 0; block < stage.blocks(); block++) {
        graph.at("stage%d.%d".formatted(i + 1, block));
        x = block(parts, x, in, stage, block == 0 ? stage.stride() : 1);
        in = stage.width();
      }
    }
    graph.at("head");
    x = clipped(graph, parts.convolution(x, in, last, new Kernel(1, 1)));
    graph.output("logits", parts.linear(parts.pooled(x), last, classes), classes);
  }

  private static String block(Convolutions parts, String x, int in, Stage stage, int stride) {
    int inner = in * stage.expansion();
    String y = x;
    if (stage.expansion() > 1) {
      y = clipped(parts.graph(), parts.convolution(y, in, inner, new Kernel(1, 1)));
    }
    y = parts.convolution(y, inner, inner, new Kernel(3, stride, inner));
    y = clipped(parts.graph(), y);
    y = parts.convolution(y, inner, stage.width(), new Kernel(1, 1), 0.5);
    return stride == 1 && in == stage.width() ? parts.add(x, y) : y;
  }

  private static String clipped(GraphBuilder graph, String x) {
    return Forms.clip(graph, x, 0, 6);
  }
}
