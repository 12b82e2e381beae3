package dev.heirloom.runtime.measure;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** What one floating-point output holds for some samples, kept to be compared. */
final class Numbers {

  /** So many values of one output are kept, 1 GiB. */
  private static final long MOST = 1L << 28;

  private final String output;
  private final int samples;
  private float[] values = {};
  private long[] dims = {};

  /**
   * @param samples how many will be kept, from the first
   */
  Numbers(String output, int samples) {
    this.output = output;
    this.samples = samples;
  }

  /** Takes what a run gave for the samples from {@code from} to {@code to} - 1. */
  void add(TensorValue value, int from, int to) throws MalformedException {
    long[] axes = value.dims();
    if (value.type() != ElementType.ELEMENT_TYPE_FLOAT32) {
      throw new MalformedException("output " + output + ": not floating-point");
    }
    if (axes.length == 0 || axes[0] != to - from || value.elements() == 0) {
      throw new MalformedException(
          "output %s: dims %s (expected: values for %d samples)"
              .formatted(output, Arrays.toString(axes), to - from));
    }
    int elements = value.elements() / (to - from);
    if (values.length == 0) {
      if ((long) elements * samples > MOST) {
        throw new MalformedException(
            "output %s: %d values for each of %d samples are too many to compare (expected: at"
                    .formatted(output, elements, samples)
                + " most "
                + MOST
                + " in all; give fewer samples)");
      }
      values = new float[elements * samples];
      dims = axes;
    }
    if (elements != elements()) {
      throw new MalformedException(
          "output %s: %d values a sample (expected: %d, as before)"
              .formatted(output, elements, elements()));
    }
    FloatBuffer source = value.floatBuffer();
    int count = (Math.min(to, samples) - from) * elements;
    source.get(0, values, from * elements, count);
  }

  /** Row-major, samples first. */
  float[] values() {
    return values;
  }

  /** Values of one sample. */
  int elements() {
    return values.length / samples;
  }

  /** R² against other values of the same layout, at least 0. */
  double explained(float[] expected) {
    return Likeness.share(1 - Likeness.unexplained(expected, values, elements()));
  }

  /** The same, unbounded, as what is left. */
  double unexplained(float[] expected) {
    return Likeness.unexplained(expected, values, elements());
  }

  /** Mean cosine with other vectors of the same layout, −1..1. */
  double cosine(float[] expected) {
    return Likeness.cosine(expected, values, Likeness.vector(dims));
  }
}
