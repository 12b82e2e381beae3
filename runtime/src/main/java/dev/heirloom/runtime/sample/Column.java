package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One input, or the answers, of all samples.
 *
 * @param dims axes of one sample, without the batch axis
 * @param rows one per sample, row-major
 */
record Column(ElementType type, List<Long> dims, Rows rows) {

  Column {
    dims = List.copyOf(dims);
    long expected = bytes("values", type, dims);
    if (rows.rowBytes() != expected) {
      throw new IllegalArgumentException(
          "bytes of a sample: %d (expected: %d)".formatted(rows.rowBytes(), expected));
    }
  }

  /** The bytes of one sample. */
  static int bytes(String name, ElementType type, List<Long> dims) {
    long[] axes = dims.stream().mapToLong(Long::longValue).toArray();
    return Math.toIntExact(
        Math.multiplyExact(OnnxTensors.elements(name, axes), (long) ElementTypes.bytes(type)));
  }

  /** Elements of one sample. */
  int elements() {
    return rows.rowBytes() / ElementTypes.bytes(type);
  }

  boolean isFloating() {
    return type == ElementType.ELEMENT_TYPE_FLOAT32;
  }

  /** One element of an integer column, widened. */
  long integer(int sample, int i) {
    ByteBuffer piece = rows.piece(sample);
    int at = rows.position(sample);
    return switch (type) {
      case ELEMENT_TYPE_UINT8 -> Byte.toUnsignedLong(piece.get(at + i));
      case ELEMENT_TYPE_INT32 -> piece.getInt(at + i * Integer.BYTES);
      case ELEMENT_TYPE_INT64 -> piece.getLong(at + i * Long.BYTES);
      default ->
          throw new IllegalArgumentException(
              "values: " + ElementTypes.title(type) + " (expected: integers)");
    };
  }

  /** One element, as float32. */
  float floating(int sample, int i) {
    return isFloating()
        ? rows.piece(sample).getFloat(rows.position(sample) + i * Float.BYTES)
        : integer(sample, i);
  }
}
