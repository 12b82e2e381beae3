package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.ElementTypes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * An array as a file holds it, widened to one of the element types.
 *
 * @param type element type
 * @param dims axes, the samples' first
 * @param raw little-endian, row-major
 */
record RawArray(ElementType type, List<Long> dims, ByteBuffer raw) {

  RawArray {
    dims = List.copyOf(dims);
  }

  /** The elements of an integer array, widened. */
  long[] integers() {
    ByteBuffer bytes = raw.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    long[] values = new long[bytes.remaining() / ElementTypes.bytes(type)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case ELEMENT_TYPE_UINT8 -> Byte.toUnsignedLong(bytes.get());
            case ELEMENT_TYPE_INT32 -> bytes.getInt();
            case ELEMENT_TYPE_INT64 -> bytes.getLong();
            default -> throw new IllegalStateException("element type: " + ElementTypes.title(type));
          };
    }
    return values;
  }
}
