package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import java.nio.ByteBuffer;

/** The raw values of one sample of one input, whatever their type. */
final class RawValues {

  private final ElementType type;
  private final ByteBuffer raw;

  RawValues(SampleSet samples, String input, int sample) {
    this.type = samples.type(input);
    this.raw = samples.raw(input, sample);
  }

  float floating(int i) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> raw.getFloat(i * Float.BYTES);
      default -> integer(i);
    };
  }

  long integer(int i) {
    return switch (type) {
      case ELEMENT_TYPE_UINT8 -> Byte.toUnsignedLong(raw.get(i));
      case ELEMENT_TYPE_INT32 -> raw.getInt(i * Integer.BYTES);
      case ELEMENT_TYPE_INT64 -> raw.getLong(i * Long.BYTES);
      default ->
          throw new IllegalArgumentException(
              "values: " + ElementTypes.title(type) + " (expected: integers)");
    };
  }
}
