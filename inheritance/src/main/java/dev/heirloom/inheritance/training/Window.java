package dev.heirloom.inheritance.training;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How a window slides over spatial axes; one entry per axis.
 *
 * @param pads ahead of each axis, then behind each axis
 */
@SuppressWarnings("ArrayRecordComponent") // never leaves the interpreter
record Window(long[] kernel, long[] strides, long[] dilations, long[] pads) {

  /** Reads a node's attributes, automatic padding resolved for this input. */
  static Window of(Call call, Tensor x, long[] kernel) {
    int axes = kernel.length;
    if (x.dim() != axes + 2) {
      throw new IllegalArgumentException("input of rank " + x.dim() + ", window of " + axes);
    }
    long[] ones = new long[axes];
    Arrays.fill(ones, 1);
    long[] strides = call.ints("strides", ones);
    long[] dilations = call.ints("dilations", ones);
    String automatic = call.s("auto_pad", "NOTSET");
    long[] pads =
        automatic.startsWith("SAME")
            ? same(x, kernel, strides, dilations, automatic.equals("SAME_UPPER"))
            : automatic.equals("VALID")
                ? new long[2 * axes]
                : call.ints("pads", new long[2 * axes]);
    return new Window(kernel, strides, dilations, pads);
  }

  /** A window of one point that visits every position. */
  static Window point(int axes) {
    long[] ones = new long[axes];
    Arrays.fill(ones, 1);
    return new Window(ones, ones, ones, new long[2 * axes]);
  }

  private static long[] same(
      Tensor x, long[] kernel, long[] strides, long[] dilations, boolean upper) {
    int axes = kernel.length;
    long[] pads = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      long length = x.size(i + 2);
      long outputs = (length + strides[i] - 1) / strides[i];
      long reach = (outputs - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
      long total = Math.max(0, reach - length);
      pads[i] = upper ? total / 2 : total - total / 2;
      pads[i + axes] = total - pads[i];
    }
    return pads;
  }

  /** Whether each axis is padded alike on both sides, so that no padded copy is needed. */
  boolean symmetric() {
    int axes = kernel.length;
    return Arrays.equals(pads, 0, axes, pads, axes, 2 * axes);
  }

  /** The padding of each axis on either side, where it is symmetric. */
  long[] eitherSide() {
    return Arrays.copyOf(pads, kernel.length);
  }

  /** The input with its padding written out. */
  Tensor padded(Tensor x, double value) {
    int axes = kernel.length;
    if (Arrays.stream(pads).allMatch(p -> p == 0)) {
      return x;
    }
    long[] lastAxisFirst = new long[2 * axes];
    for (int i = 0; i < axes; i++) {
      lastAxisFirst[2 * i] = pads[axes - 1 - i];
      lastAxisFirst[2 * i + 1] = pads[2 * axes - 1 - i];
    }
    return torch.constant_pad_nd(x, lastAxisFirst, new Scalar(value));
  }
}
