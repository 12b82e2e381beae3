package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** Convolutions over any number of spatial axes. */
final class ConvolutionOperators {
  static final Map<String, Operator> ALL =
      Map.of(
          "Conv", one(ConvolutionOperators::convolution),
          "ConvTranspose", one(ConvolutionOperators::transposed));

  private ConvolutionOperators() {}

  private static Tensor convolution(Call call) {
    Tensor weight = call.x(1);
    long[] dims = Tensors.dims(weight);
    Window window = Window.of(call, call.x(0), Arrays.copyOfRange(dims, 2, dims.length));
    return convolve(
        call.x(0), weight, call.optional(2), window, call.i("group", 1), call.pass().precision());
  }

  /** The convolution in a number format, with the channel as the fastest axis of images. */
  static Tensor convolve(
      Tensor x,
      Tensor weight,
      Optional<Tensor> bias,
      Window window,
      long groups,
      Precision precision) {
    Tensor input = precision.of(x);
    if (input.dim() == 4) {
      input = input.contiguous(MemoryFormat.ChannelsLast);
    }
    long[] pads = window.eitherSide();
    if (!window.symmetric()) {
      input = window.padded(input, 0);
      pads = new long[pads.length];
    }
    return torch.convolution(
        input,
        precision.of(weight),
        bias(bias, precision),
        window.strides(),
        pads,
        window.dilations(),
        false,
        new long[pads.length],
        groups);
  }

  private static TensorOptional bias(Optional<Tensor> bias, Precision precision) {
    return bias.map(b -> new TensorOptional(precision.of(b))).orElseGet(TensorOptional::new);
  }

  /** The whole of what the kernel reaches is computed, and what counts as padding cut off. */
  private static Tensor transposed(Call call) {
    Precision precision = call.pass().precision();
    Tensor x = call.x(0);
    Tensor weight = call.x(1);
    long[] dims = Tensors.dims(weight);
    Window window = Window.of(call, x, Arrays.copyOfRange(dims, 2, dims.length));
    int axes = dims.length - 2;
    long[] more = call.ints("output_padding", new long[axes]);
    long[] pads = transposedPads(call, x, window, more);
    boolean symmetric = Arrays.equals(pads, 0, axes, pads, axes, 2 * axes);
    Tensor y =
        torch.convolution(
            precision.of(x),
            precision.of(weight),
            bias(call.optional(2), precision),
            window.strides(),
            symmetric ? Arrays.copyOf(pads, axes) : new long[axes],
            window.dilations(),
            true,
            more,
            call.i("group", 1));
    for (int i = 0; i < axes && !symmetric; i++) {
      long end = y.size(i + 2) - pads[i + axes];
      y = torch.slice(y, i + 2, new LongOptional(pads[i]), new LongOptional(end), 1);
    }
    return y;
  }

  /** The padding itself, or what the wanted size of the output makes of it. */
  private static long[] transposedPads(Call call, Tensor x, Window window, long[] more) {
    int axes = more.length;
    String automatic = call.s("auto_pad", "NOTSET");
    if (!call.given("output_shape") && !automatic.startsWith("SAME")) {
      return window.pads();
    }
    long[] wanted = call.ints("output_shape", new long[0]);
    long[] pads = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      long stride = window.strides()[i];
      long length = x.size(i + 2);
      long size = wanted.length == 0 ? length * stride : wanted[wanted.length - axes + i];
      long reach = (window.kernel()[i] - 1) * window.dilations()[i] + 1;
      long total = stride * (length - 1) + more[i] + reach - size;
      if (total < 0) {
        throw new IllegalArgumentException("an output larger than the kernel reaches");
      }
      pads[i] = automatic.equals("SAME_UPPER") ? total / 2 : total - total / 2;
      pads[i + axes] = total - pads[i];
    }
    return pads;
  }
}
