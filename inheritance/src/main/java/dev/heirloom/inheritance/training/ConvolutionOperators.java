package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
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

  private static Tensor transposed(Call call) {
    Precision precision = call.pass().precision();
    Tensor weight = call.x(1);
    long[] dims = Tensors.dims(weight);
    Window window = Window.of(call, call.x(0), Arrays.copyOfRange(dims, 2, dims.length));
    if (!window.symmetric() || call.given("output_shape") || call.given("auto_pad")) {
      throw new IllegalArgumentException("padding of this kind is not supported");
    }
    long[] none = new long[dims.length - 2];
    return torch.convolution(
        precision.of(call.x(0)),
        precision.of(weight),
        bias(call.optional(2), precision),
        window.strides(),
        window.eitherSide(),
        window.dilations(),
        true,
        call.ints("output_padding", none),
        call.i("group", 1));
  }
}
