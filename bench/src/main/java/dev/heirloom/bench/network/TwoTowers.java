package dev.heirloom.bench.network;

import dev.heirloom.bench.network.Convolutions.Kernel;
import java.util.List;

/**
 * A network with the inputs and outputs of digits-seen-and-heard: a convolutional tower for the
 * image, one for the sound, and a head on both, ready to be trained.
 *
 * @param widths channels of a tower's convolutions; the second and the third have stride 2
 * @param hidden width of the head
 * @param normalised whether batch normalisation is kept, as training needs it; else it is folded
 */
public record TwoTowers(List<Integer> widths, int hidden, boolean normalised)
    implements Architecture {
  private static final int CLASSES = 10;

  public TwoTowers {
    widths = List.copyOf(widths);
  }

  /** The teacher's own widths. */
  public static TwoTowers ofTeacher() {
    return new TwoTowers(List.of(24, 48, 96, 96), 128, true);
  }

  @Override
  public void build(GraphBuilder graph) {
    Convolutions parts = new Convolutions(graph, normalised);
    String image = graph.input("image", 1, 28, 28);
    String sound = graph.input("sound", 1, 32, 32);
    graph.at("image_tower");
    String seen = tower(parts, centred(graph, image, 0.3f, 0.3f));
    graph.at("sound_tower");
    String heard = tower(parts, centred(graph, sound, 0.5f, 0.25f));
    graph.at("head");
    int width = widths.get(widths.size() - 1);
    String both = Forms.joined(graph, 1, seen, heard);
    String inner = parts.relu(parts.linear(both, 2L * width, hidden));
    graph.output("logits", parts.linear(inner, hidden, CLASSES), CLASSES);
  }

  private static String centred(GraphBuilder graph, String x, float mean, float deviation) {
    String shifted = graph.node("Sub", List.of(x, graph.number(mean)));
    return graph.node("Div", List.of(shifted, graph.number(deviation)));
  }

  private String tower(Convolutions parts, String input) {
    String x = input;
    int in = 1;
    for (int i = 0; i < widths.size(); i++) {
      int stride = i == 1 || i == 2 ? 2 : 1;
      x = parts.relu(parts.convolution(x, in, widths.get(i), new Kernel(3, stride)));
      in = widths.get(i);
    }
    return parts.pooled(x);
  }
}
