package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Resizing, one axis after the other: nearest, linear and cubic. */
final class ResizeOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("Resize", one(ResizeOperators::resize)),
          entry("Upsample", one(ResizeOperators::upsample)));

  /**
   * How one axis is resized.
   *
   * @param scale output positions per input position
   */
  private record Axis(long in, long out, double scale, String coordinates) {

    /** Where an output position lies on the input axis. */
    double source(long position) {
      double centre = (position + 0.5) / scale - 0.5;
      return switch (coordinates) {
        case "half_pixel" -> centre;
        case "pytorch_half_pixel" -> out > 1 ? centre : 0;
        case "align_corners" -> out > 1 ? position * (in - 1.0) / (out - 1) : 0;
        case "asymmetric" -> position / scale;
        case "half_pixel_symmetric" -> in / 2.0 * (1 - out / (scale * in)) + centre;
        default -> throw new IllegalArgumentException("coordinates: " + coordinates);
      };
    }

    long inside(double position) {
      return (long) Math.max(0, Math.min((double) (in - 1), position));
    }
  }

  private ResizeOperators() {}

  private static Tensor upsample(Call call) {
    double[] scales = call.has(1) ? doubles(call.x(1)) : widened(call.floats("scales"));
    Tensor x = call.x(0);
    for (int axis = 0; axis < scales.length; axis++) {
      x = resized(call, x, axis, scaled(x, axis, scales[axis], "asymmetric"), "floor");
    }
    return x;
  }

  private static Tensor resize(Call call) {
    if (call.opset() < 11) {
      return upsample(call);
    }
    if (call.i("antialias", 0) != 0
        || call.i("exclude_outside", 0) != 0
        || !call.s("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      throw new IllegalArgumentException("resizing of this kind is not supported");
    }
    Tensor x = call.x(0);
    int rank = (int) x.dim();
    long[] axes = call.ints("axes", IntStream.range(0, rank).asLongStream().toArray());
    String coordinates = call.s("coordinate_transformation_mode", "half_pixel");
    String rounding = call.s("nearest_mode", "round_prefer_floor");
    boolean bySize = call.has(3) && call.x(3).numel() > 0;
    double[] wanted = doubles(call.x(bySize ? 3 : 2));
    for (int i = 0; i < axes.length; i++) {
      int axis = Call.axis(axes[i], rank);
      long in = x.size(axis);
      Axis change =
          bySize
              ? new Axis(in, (long) wanted[i], wanted[i] / in, coordinates)
              : scaled(x, axis, wanted[i], coordinates);
      x = resized(call, x, axis, change, rounding);
    }
    return x;
  }

  private static Axis scaled(Tensor x, int axis, double scale, String coordinates) {
    long in = x.size(axis);
    return new Axis(in, (long) Math.floor(in * scale), scale, coordinates);
  }

  private static double[] doubles(Tensor tensor) {
    return widened(Tensors.toFloats(tensor));
  }

  private static double[] widened(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static Tensor resized(Call call, Tensor x, int axis, Axis change, String rounding) {
    if (change.in() == change.out() && change.scale() == 1) {
      return x;
    }
    String mode = call.s("mode", "nearest");
    return switch (mode) {
      case "nearest" -> nearest(x, axis, change, rounding);
      case "linear" -> weighted(x, axis, change, 0, 2, ResizeOperators::linear);
      case "cubic" -> {
        double a = call.f("cubic_coeff_a", -0.75);
        yield weighted(x, axis, change, -1, 4, distance -> cubic(distance, a));
      }
      default -> throw new IllegalArgumentException("mode: " + mode);
    };
  }

  private static Tensor nearest(Tensor x, int axis, Axis change, String rounding) {
    long[] indices = new long[(int) change.out()];
    for (int i = 0; i < indices.length; i++) {
      double source = change.source(i);
      double whole =
          switch (rounding) {
            case "round_prefer_floor" -> Math.ceil(source - 0.5);
            case "round_prefer_ceil" -> Math.floor(source + 0.5);
            case "floor" -> Math.floor(source);
            case "ceil" -> Math.ceil(source);
            default -> throw new IllegalArgumentException("nearest_mode: " + rounding);
          };
      indices[i] = change.inside(whole);
    }
    return picked(x, axis, indices);
  }

  /** The weight of a neighbour at a distance, in input positions. */
  private interface Kernel {
    double at(double distance);
  }

  /** The sum of some neighbours of each output position, those outside replaced by the border. */
  private static Tensor weighted(
      Tensor x, int axis, Axis change, int first, int taps, Kernel kernel) {
    int out = (int) change.out();
    long[] along = new long[(int) x.dim()];
    Arrays.fill(along, 1);
    along[axis] = out;
    Tensor sum = Tensors.beside(Tensors.floats(new float[1], 1), x).to(x.scalar_type());
    for (int tap = 0; tap < taps; tap++) {
      long[] indices = new long[out];
      float[] weights = new float[out];
      for (int i = 0; i < out; i++) {
        double source = change.source(i);
        double place = Math.floor(source) + first + tap;
        indices[i] = change.inside(place);
        weights[i] = (float) kernel.at(Math.abs(source - place));
      }
      Tensor share = Tensors.beside(Tensors.floats(weights, along), x);
      Tensor part = torch.mul(picked(x, axis, indices), share.to(x.scalar_type()));
      sum = torch.add(sum, part);
    }
    return sum;
  }

  private static Tensor picked(Tensor x, int axis, long[] indices) {
    return torch.index_select(x, axis, Tensors.beside(Tensors.longs(indices, indices.length), x));
  }

  private static double linear(double distance) {
    return 1 - distance;
  }

  /** Keys' cubic convolution kernel (1981). */
  private static double cubic(double distance, double a) {
    double d = distance;
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  }
}
