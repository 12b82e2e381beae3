package dev.heirloom.actors.adaptation;

import java.lang.reflect.RecordComponent;
import java.util.List;

/** Bytes of a record as a CBOR map of its components (RFC 8949), without compression of numbers. */
public final class EncodedSize {

  private EncodedSize() {}

  /** Bytes of a value. */
  public static int of(Object value) {
    if (value instanceof List<?> list) {
      return 3 + list.stream().mapToInt(EncodedSize::of).sum();
    }
    if (value instanceof Record record) {
      int size = 3;
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        size += 2 + component.getName().length() + of(read(record, component));
      }
      return size;
    }
    if (value instanceof Integer number) {
      return number < 24 ? 1 : number < 256 ? 2 : number < 65536 ? 3 : 5;
    }
    return value instanceof Boolean ? 1 : 9;
  }

  private static Object read(Record record, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
