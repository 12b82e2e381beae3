package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import java.nio.ByteBuffer;

/** NumPy element types that are read, and what each becomes. */
enum NpyType {
  U1("u1", 1, ElementType.ELEMENT_TYPE_UINT8),
  I1("i1", 1, ElementType.ELEMENT_TYPE_INT32),
  I2("i2", 2, ElementType.ELEMENT_TYPE_INT32),
  I4("i4", 4, ElementType.ELEMENT_TYPE_INT32),
  I8("i8", 8, ElementType.ELEMENT_TYPE_INT64),
  F4("f4", 4, ElementType.ELEMENT_TYPE_FLOAT32),
  F8("f8", 8, ElementType.ELEMENT_TYPE_FLOAT32);

  private final String code;
  private final int sourceBytes;
  private final ElementType target;

  NpyType(String code, int sourceBytes, ElementType target) {
    this.code = code;
    this.sourceBytes = sourceBytes;
    this.target = target;
  }

  static NpyType of(String descr, String origin) throws MalformedException {
    for (NpyType type : values()) {
      boolean order = descr.startsWith("<") || (descr.startsWith("|") && type.sourceBytes == 1);
      if (order && descr.substring(1).equals(type.code)) {
        return type;
      }
    }
    throw new MalformedException(
        "%s: element type '%s' (expected: little-endian u1, i1, i2, i4, i8, f4 or f8)"
            .formatted(origin, descr.length() > 20 ? descr.substring(0, 20) + "…" : descr));
  }

  /** The header's description of an element type. */
  static String descr(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_UINT8 -> "|u1";
      case ELEMENT_TYPE_INT32 -> "<i4";
      case ELEMENT_TYPE_INT64 -> "<i8";
      case ELEMENT_TYPE_FLOAT32 -> "<f4";
      default -> throw new IllegalArgumentException("element type: " + ElementTypes.title(type));
    };
  }

  int sourceBytes() {
    return sourceBytes;
  }

  ElementType target() {
    return target;
  }

  boolean isTarget() {
    return sourceBytes == ElementTypes.bytes(target) && this != I1 && this != I2 && this != F8;
  }

  void convert(ByteBuffer source, ByteBuffer widened) {
    switch (this) {
      case U1 -> widened.put(source.get());
      case I1 -> widened.putInt(source.get());
      case I2 -> widened.putInt(source.getShort());
      case I4 -> widened.putInt(source.getInt());
      case I8 -> widened.putLong(source.getLong());
      case F4 -> widened.putFloat(source.getFloat());
      case F8 -> widened.putFloat((float) source.getDouble());
    }
  }
}
