package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.WireFormat;
import dev.heirloom.runtime.MalformedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How a family's weights are written; they are computed with as float32 in any case. */
public enum Wire {
  /** Float32, as it is. */
  FP32(WireFormat.WIRE_FORMAT_FLOAT32, Float.BYTES),
  /** Half precision, where it keeps a weight. */
  FP16(WireFormat.WIRE_FORMAT_FLOAT16, Short.BYTES);

  /**
   * What rounding may take of the values' norm: twice what it takes where no value is smaller than
   * 2⁻¹⁴. Weights of smaller values lose more.
   */
  private static final double MOST_LOST = 0x1p-10;

  private final WireFormat format;
  private final int valueBytes;

  Wire(WireFormat format, int valueBytes) {
    this.format = format;
    this.valueBytes = valueBytes;
  }

  /**
   * What a manifest says.
   *
   * @throws MalformedException where this version does not know it
   */
  public static Wire of(WireFormat format) throws MalformedException {
    return Arrays.stream(values())
        .filter(wire -> wire.format == format)
        .findFirst()
        .orElseThrow(
            () ->
                new MalformedException("wire format unknown (expected: one of " + titles() + ")"));
  }

  /** By its title. */
  public static Optional<Wire> titled(String title) {
    return Arrays.stream(values()).filter(wire -> wire.title().equals(title)).findFirst();
  }

  /** All titles. */
  public static List<String> titles() {
    return Arrays.stream(values()).map(Wire::title).toList();
  }

  /** As on the command line. */
  public String title() {
    return this == FP32 ? "fp32" : "fp16";
  }

  /** As in a manifest. */
  public WireFormat format() {
    return format;
  }

  /** Bytes of one value. */
  public int valueBytes() {
    return valueBytes;
  }

  /**
   * Whether values may be written so: each stays finite, and together they lose no more than their
   * relative precision.
   *
   * @param values all that belongs together, such as one factor
   */
  public boolean keeps(FloatBuffer values) {
    if (this == FP32) {
      return true;
    }
    double norm = 0;
    double lost = 0;
    for (int i = values.position(); i < values.limit(); i++) {
      float value = values.get(i);
      short half = Half.ofFloat(value);
      if (!Half.isFinite(half)) {
        return false;
      }
      double error = (double) value - Half.toFloat(half);
      norm += (double) value * value;
      lost += error * error;
    }
    return lost <= MOST_LOST * MOST_LOST * norm;
  }

  /**
   * Values as bytes, little-endian.
   *
   * @throws IllegalArgumentException if a value does not stay finite
   */
  public byte[] encode(FloatBuffer values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.remaining(), valueBytes))
            .order(ByteOrder.LITTLE_ENDIAN);
    FloatBuffer rest = values.duplicate();
    if (this == FP32) {
      bytes.asFloatBuffer().put(rest);
      return bytes.array();
    }
    while (rest.hasRemaining()) {
      float value = rest.get();
      short half = Half.ofFloat(value);
      if (!Half.isFinite(half)) {
        throw new IllegalArgumentException("value: " + value + " (expected: within ±65504)");
      }
      bytes.putShort(half);
    }
    return bytes.array();
  }

  /**
   * Bytes as values; a length that is no multiple of a value's is the caller's to refuse.
   *
   * @throws MalformedException if a half-precision value is not finite
   */
  public FloatBuffer decode(byte[] bytes) throws MalformedException {
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (this == FP32) {
      return content.asFloatBuffer();
    }
    float[] values = new float[bytes.length / valueBytes];
    for (int i = 0; i < values.length; i++) {
      short half = content.getShort();
      if (!Half.isFinite(half)) {
        throw new MalformedException("value %d is not finite".formatted(i));
      }
      values[i] = Half.toFloat(half);
    }
    return FloatBuffer.wrap(values);
  }
}
