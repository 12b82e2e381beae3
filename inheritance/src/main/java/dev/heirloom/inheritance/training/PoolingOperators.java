package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Pooling over windows of one or two spatial axes. */
final class PoolingOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("MaxPool", one(PoolingOperators::max)),
          entry("AveragePool", one(PoolingOperators::average)));

  private PoolingOperators() {}

  private static Tensor max(Call call) {
    Window window = Window.of(call, call.x(0), call.ints("kernel_shape"));
    Tensor x = window.padded(call.x(0), Double.NEGATIVE_INFINITY);
    long[] kernel = window.kernel();
    long[] strides = window.strides();
    long[] dilations = window.dilations();
    boolean ceil = call.i("ceil_mode", 0) == 1;
    long[] none = new long[kernel.length];
    return switch (kernel.length) {
      case 1 -> torch.max_pool1d(x, kernel, strides, none, dilations, ceil);
      case 2 -> torch.max_pool2d(x, kernel, strides, none, dilations, ceil);
      case 3 -> torch.max_pool3d(x, kernel, strides, none, dilations, ceil);
      default -> throw new IllegalArgumentException("spatial axes: " + kernel.length);
    };
  }

  /** Where padding does not count, sums are divided by the number of values that lie inside. */
  private static Tensor average(Call call) {
    Window window = Window.of(call, call.x(0), call.ints("kernel_shape"));
    if (Arrays.stream(window.dilations()).anyMatch(d -> d != 1)) {
      throw new IllegalArgumentException("a mean over a dilated window is not supported");
    }
    boolean ceil = call.i("ceil_mode", 0) == 1;
    Tensor x = call.x(0);
    if (window.pads().length == 0 || Arrays.stream(window.pads()).allMatch(p -> p == 0)) {
      return average(x, window, ceil);
    }
    Tensor mean = average(window.padded(x, 0), window, ceil);
    if (call.i("count_include_pad", 0) == 1) {
      return mean;
    }
    Tensor inside = average(window.padded(torch.ones_like(x), 0), window, ceil);
    return torch.div(mean, inside);
  }

  private static Tensor average(Tensor x, Window window, boolean ceil) {
    long[] kernel = window.kernel();
    long[] strides = window.strides();
    long[] none = new long[kernel.length];
    LongOptional own = new LongOptional();
    return switch (kernel.length) {
      case 1 -> torch.avg_pool1d(x, kernel, strides, none, ceil, false);
      case 2 -> torch.avg_pool2d(x, kernel, strides, none, ceil, false, own);
      case 3 -> torch.avg_pool3d(x, kernel, strides, none, ceil, false, own);
      default -> throw new IllegalArgumentException("spatial axes: " + kernel.length);
    };
  }
}
