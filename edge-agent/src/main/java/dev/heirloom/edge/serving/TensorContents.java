package dev.heirloom.edge.serving;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.inference.InferTensorContents;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The values of a tensor as the Open Inference Protocol holds them: raw, little-endian and
 * row-major, with a length of 4 bytes before each element of text; or typed, in one of several
 * lists.
 */
final class TensorContents {
  private static final int LENGTH_BYTES = 4;

  private TensorContents() {}

  /**
   * Reads raw contents.
   *
   * @param elements the product of {@code dims}
   * @param field of the request, which an error names
   */
  static TensorValue raw(
      ElementType type, ByteString bytes, long[] dims, int elements, String field)
      throws MalformedException {
    if (type == ElementType.ELEMENT_TYPE_STRING) {
      return texts(split(bytes, elements, field), dims, field);
    }
    long expected = (long) elements * ElementTypes.bytes(type);
    if (bytes.size() != expected) {
      throw new MalformedException(
          "%s: %d bytes (expected: %d)".formatted(field, bytes.size(), expected));
    }
    if (type == ElementType.ELEMENT_TYPE_BOOL) {
      for (int i = 0; i < elements; i++) {
        if (bytes.byteAt(i) != 0 && bytes.byteAt(i) != 1) {
          throw new MalformedException(
              "%s: byte %d is %d (expected: 0 or 1)"
                  .formatted(field, i, Byte.toUnsignedInt(bytes.byteAt(i))));
        }
      }
    }
    return TensorValue.little(type, bytes.asReadOnlyByteBuffer(), dims);
  }

  /** The elements of raw text; nothing is allocated by what a length says. */
  private static List<ByteString> split(ByteString bytes, int elements, String field)
      throws MalformedException {
    List<ByteString> parts = new ArrayList<>();
    ByteBuffer lengths = bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    for (int i = 0; i < elements; i++) {
      int left = bytes.size() - at;
      if (left < LENGTH_BYTES) {
        throw new MalformedException(
            "%s: ends before the length of element %d of %d".formatted(field, i, elements));
      }
      long length = Integer.toUnsignedLong(lengths.getInt(at));
      if (length > left - LENGTH_BYTES) {
        throw new MalformedException(
            "%s: element %d has %d bytes, %d are left"
                .formatted(field, i, length, left - LENGTH_BYTES));
      }
      at += LENGTH_BYTES;
      parts.add(bytes.substring(at, at + (int) length));
      at += (int) length;
    }
    if (at != bytes.size()) {
      throw new MalformedException(
          "%s: %d bytes after the last of %d elements"
              .formatted(field, bytes.size() - at, elements));
    }
    return parts;
  }

  private static TensorValue texts(List<ByteString> parts, long[] dims, String field)
      throws MalformedException {
    List<String> texts = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      try {
        ByteBuffer utf8 = parts.get(i).asReadOnlyByteBuffer();
        texts.add(StandardCharsets.UTF_8.newDecoder().decode(utf8).toString());
      } catch (CharacterCodingException e) {
        throw new MalformedException("%s: element %d is not UTF-8".formatted(field, i), e);
      }
    }
    try {
      return TensorValue.texts(texts, dims);
    } catch (IllegalArgumentException e) {
      throw new MalformedException(field + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads typed contents.
   *
   * @param elements the product of {@code dims}
   * @param field of the request, which an error names
   */
  static TensorValue typed(
      ElementType type, InferTensorContents contents, long[] dims, int elements, String field)
      throws MalformedException {
    TypedList list = TypedList.of(type);
    if (list == TypedList.NONE) {
      throw new MalformedException(
          field + ": none are defined for this type (expected: raw_input_contents)");
    }
    String name = field + "." + list.field();
    int count = list.count(contents);
    if (count != elements) {
      throw new MalformedException("%s: %d values (expected: %d)".formatted(name, count, elements));
    }
    for (TypedList other : TypedList.values()) {
      if (other != list && other.count(contents) > 0) {
        throw new MalformedException(
            "%s.%s: given beside %s".formatted(field, other.field(), list.field()));
      }
    }
    if (type == ElementType.ELEMENT_TYPE_STRING) {
      return texts(contents.getBytesContentsList(), dims, name);
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(elements, ElementTypes.bytes(type)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      switch (list) {
        case BOOL -> bytes.put((byte) (contents.getBoolContents(i) ? 1 : 0));
        case INT64 -> bytes.putLong(contents.getInt64Contents(i));
        case UINT64 -> bytes.putLong(contents.getUint64Contents(i));
        case FP32 -> bytes.putFloat(contents.getFp32Contents(i));
        case FP64 -> bytes.putDouble(contents.getFp64Contents(i));
        case INT -> put(bytes, type, contents.getIntContents(i), name, i);
        default -> put(bytes, type, Integer.toUnsignedLong(contents.getUintContents(i)), name, i);
      }
    }
    return TensorValue.little(type, bytes.flip(), dims);
  }

  /** Puts an integer of 32 bits or less, if the type has it. */
  private static void put(ByteBuffer bytes, ElementType type, long value, String name, int i)
      throws MalformedException {
    int bits = Byte.SIZE * ElementTypes.bytes(type);
    boolean signed = TypedList.of(type) == TypedList.INT;
    long least = signed ? -(1L << (bits - 1)) : 0;
    long most = signed ? (1L << (bits - 1)) - 1 : (1L << bits) - 1;
    if (value < least || value > most) {
      throw new MalformedException(
          "%s: value %d is %d (expected: %d..%d)".formatted(name, i, value, least, most));
    }
    switch (ElementTypes.bytes(type)) {
      case Byte.BYTES -> bytes.put((byte) value);
      case Short.BYTES -> bytes.putShort((short) value);
      default -> bytes.putInt((int) value);
    }
  }

  /** Whether a value can be written as typed contents. */
  static boolean typable(TensorValue value) {
    return TypedList.of(value.type()) != TypedList.NONE;
  }

  /** Writes raw contents. */
  static ByteString raw(TensorValue value) {
    if (value.type() != ElementType.ELEMENT_TYPE_STRING) {
      return ByteString.copyFrom(value.toLittle());
    }
    ByteString.Output bytes = ByteString.newOutput();
    ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (String text : value.texts()) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      bytes.write(length.putInt(0, utf8.length).array(), 0, LENGTH_BYTES);
      bytes.write(utf8, 0, utf8.length);
    }
    return bytes.toByteString();
  }

  /** Writes typed contents of a value that is {@link #typable}. */
  static InferTensorContents typed(TensorValue value) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    switch (TypedList.of(value.type())) {
      case BYTES ->
          value.texts().forEach(t -> contents.addBytesContents(ByteString.copyFromUtf8(t)));
      case FP32 -> {
        for (float v : value.toFloats()) {
          contents.addFp32Contents(v);
        }
      }
      case FP64 -> {
        for (double v : value.toDoubles()) {
          contents.addFp64Contents(v);
        }
      }
      case NONE -> throw new IllegalArgumentException("element type: " + value.type());
      default -> {
        for (long v : value.toLongs()) {
          add(contents, TypedList.of(value.type()), v);
        }
      }
    }
    return contents.build();
  }

  private static void add(InferTensorContents.Builder contents, TypedList list, long value) {
    switch (list) {
      case BOOL -> contents.addBoolContents(value != 0);
      case INT64 -> contents.addInt64Contents(value);
      case UINT64 -> contents.addUint64Contents(value);
      case INT -> contents.addIntContents((int) value);
      default -> contents.addUintContents((int) value);
    }
  }
}
