package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Preprocessing;

/**
 * What one floating-point input's raw values go through: {@code (x·scale − mean[c]) /
 * deviation[c]}. For a few channels, the results of all 8-bit values are worked out once.
 */
final class FloatScaling {

  private static final int BYTE_VALUES = 256;

  /** More channels than an image has are features; a table for each would be too many. */
  private static final int MAX_TABLES = 16;

  private final String input;
  private final float scale;
  private final float[] mean;
  private final float[] deviation;

  /** By channel and 8-bit value; empty for many channels. */
  private final float[][] ofByte;

  FloatScaling(Preprocessing step) {
    int channels = Math.max(step.getMeanCount(), 1);
    input = step.getInput();
    scale = step.getScale();
    mean = new float[channels];
    deviation = new float[channels];
    ofByte = new float[channels > MAX_TABLES ? 0 : channels][BYTE_VALUES];
    for (int c = 0; c < channels; c++) {
      mean[c] = step.getMeanCount() == 0 ? 0 : step.getMean(c);
      deviation[c] = step.getDeviationCount() == 0 ? 1 : step.getDeviation(c);
      for (int value = 0; value < BYTE_VALUES && ofByte.length > 0; value++) {
        ofByte[c][value] = of(value, c);
      }
    }
  }

  /** What a raw value becomes in a channel; of all, where there is one. */
  float of(float raw, int channel) {
    int c = mean.length == 1 ? 0 : channel;
    return (raw * scale - mean[c]) / deviation[c];
  }

  /**
   * Fills in one sample.
   *
   * @param bytes room for the raw values, at least as long as the row
   */
  void fill(Column column, int row, float[] target, byte[] bytes) {
    int channels = mean.length;
    if (target.length % channels != 0) {
      throw new IllegalArgumentException(
          "input %s: %d elements (expected: a multiple of %d channels)"
              .formatted(input, target.length, channels));
    }
    int perChannel = target.length / channels;
    if (column.type() == ElementType.ELEMENT_TYPE_UINT8 && ofByte.length > 0) {
      column.rows().piece(row).get(column.rows().position(row), bytes, 0, target.length);
      for (int c = 0; c < channels; c++) {
        float[] table = ofByte[c];
        for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
          target[i] = table[bytes[i] & 0xff];
        }
      }
      return;
    }
    if (column.isFloating()) {
      column.rows().row(row).asFloatBuffer().get(target);
    } else {
      for (int i = 0; i < target.length; i++) {
        target[i] = column.integer(row, i);
      }
    }
    for (int c = 0; c < channels; c++) {
      scale(target, c * perChannel, (c + 1) * perChannel, mean[c], deviation[c]);
    }
  }

  private void scale(float[] values, int from, int to, float minus, float over) {
    if (scale == 1 && minus == 0 && over == 1) {
      return;
    }
    for (int i = from; i < to; i++) {
      values[i] = (values[i] * scale - minus) / over;
    }
  }
}
