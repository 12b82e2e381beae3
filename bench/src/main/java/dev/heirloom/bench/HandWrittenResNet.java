package dev.heirloom.bench;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.BatchNorm2dImpl;
import org.bytedeco.pytorch.BatchNormOptions;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * The heir of {@code fashion-resnet14} as someone who knows libtorch would write it: modules,
 * called one after the other. Its stem, shortcuts and classifier are dense and biased, every other
 * convolution is one of low rank, a pointwise one and a normalisation.
 */
final class HandWrittenResNet extends Module {
  private static final int[] WIDTHS = {32, 32, 64, 64, 128, 128};

  private final Conv2dImpl stem;
  private final List<Block> blocks = new ArrayList<>();
  private final LinearImpl classifier;

  /**
   * @param ranks of the factored convolutions, in order
   */
  HandWrittenResNet(List<Integer> ranks, int classes) {
    stem = convolution("stem", 1, WIDTHS[0], 3, 1, true);
    int channels = WIDTHS[0];
    for (int i = 0; i < WIDTHS.length; i++) {
      int stride = WIDTHS[i] == channels ? 1 : 2;
      blocks.add(new Block(i, channels, WIDTHS[i], stride, ranks.get(2 * i), ranks.get(2 * i + 1)));
      channels = WIDTHS[i];
    }
    classifier = register_module("classifier", new LinearImpl(channels, classes));
  }

  private Conv2dImpl convolution(
      String name, long inputs, long outputs, long kernel, long stride, boolean bias) {
    Conv2dOptions options = new Conv2dOptions(inputs, outputs, new LongPointer(kernel, kernel));
    // With two arguments, put takes the first for an index.
    options.stride().put(new long[] {stride, stride}, 0, 2);
    options.padding().put(new LongPointer(kernel / 2, kernel / 2));
    options.bias().put(bias);
    Conv2dImpl module = register_module(name, new Conv2dImpl(options));
    Tensor weight = module.weight();
    weight.set_data(weight.contiguous(MemoryFormat.ChannelsLast));
    return module;
  }

  private final class Factored {
    private final Conv2dImpl down;
    private final Conv2dImpl up;
    private final BatchNorm2dImpl norm;

    Factored(String name, long inputs, long outputs, long stride, long rank) {
      down = convolution(name + "_down", inputs, rank, 3, stride, false);
      up = convolution(name + "_up", rank, outputs, 1, 1, false);
      BatchNormOptions options = new BatchNormOptions(outputs);
      options.track_running_stats().put(false);
      norm = register_module(name + "_norm", new BatchNorm2dImpl(options));
    }

    Tensor forward(Tensor x) {
      return norm.forward(up.forward(down.forward(x)));
    }
  }

  private final class Block {
    private final Factored first;
    private final Factored second;
    private final List<Conv2dImpl> shortcut;

    Block(int index, long inputs, long outputs, long stride, long firstRank, long secondRank) {
      first = new Factored("a" + index, inputs, outputs, stride, firstRank);
      second = new Factored("b" + index, outputs, outputs, 1, secondRank);
      shortcut =
          stride == 1
              ? List.of()
              : List.of(convolution("c" + index, inputs, outputs, 1, stride, true));
    }

    Tensor forward(Tensor x) {
      Tensor y = second.forward(torch.relu(first.forward(x)));
      Tensor past = shortcut.isEmpty() ? x : shortcut.get(0).forward(x);
      return torch.relu(torch.add(y, past));
    }
  }

  /** Class scores of images, [n, 1, height, width]. */
  Tensor forward(Tensor images) {
    // With one channel the two formats are alike, so the stem may answer in either.
    Tensor stemmed = stem.forward(images.contiguous(MemoryFormat.ChannelsLast));
    Tensor x = torch.relu(stemmed.contiguous(MemoryFormat.ChannelsLast));
    for (Block block : blocks) {
      x = block.forward(x);
    }
    long reduced = images.size(2) / 4;
    if (x.size(2) != reduced) {
      throw new IllegalStateException("height: " + x.size(2) + " (expected: " + reduced + ")");
    }
    return classifier.forward(torch.flatten(torch.adaptive_avg_pool2d(x, 1, 1), 1, -1));
  }
}
