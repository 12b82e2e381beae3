package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads one NumPy array, format versions 1 to 3: magic, version, header length, a Python dictionary
 * with {@code descr}, {@code fortran_order} and {@code shape}, then the values.
 */
final class NpyReader {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final int MAX_AXES = 8;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\s]*)\\)");

  private NpyReader() {}

  /**
   * @param held bytes that the whole entry has, as its archive says; the values must fill them
   */
  static RawArray read(InputStream in, long held, String origin)
      throws IOException, MalformedException {
    byte[] start = exactly(in, 8);
    for (int i = 0; i < MAGIC.length; i++) {
      if (start[i] != MAGIC[i]) {
        throw new MalformedException(origin + ": not a NumPy array");
      }
    }
    int version = Byte.toUnsignedInt(start[6]);
    if (version < 1 || version > 3) {
      throw new MalformedException(
          "%s: NumPy format %d (expected: 1..3)".formatted(origin, version));
    }
    int lengthBytes = version == 1 ? 2 : 4;
    ByteBuffer length = ByteBuffer.wrap(exactly(in, lengthBytes)).order(ByteOrder.LITTLE_ENDIAN);
    long headerBytes =
        version == 1
            ? Short.toUnsignedLong(length.getShort())
            : Integer.toUnsignedLong(length.getInt());
    if (headerBytes > MAX_HEADER_BYTES) {
      throw new MalformedException(
          "%s: header of %d bytes (expected: at most %d)"
              .formatted(origin, headerBytes, MAX_HEADER_BYTES));
    }
    String header = new String(exactly(in, (int) headerBytes), StandardCharsets.UTF_8);
    if (!match(ORDER, header, origin, "fortran_order").equals("False")) {
      throw new MalformedException(origin + ": Fortran order (expected: C order)");
    }
    List<Long> dims = dims(match(SHAPE, header, origin, "shape"), origin);
    NpyType type = NpyType.of(match(DESCR, header, origin, "descr"), origin);
    int count = count(dims, type, held - 8 - lengthBytes - headerBytes, origin);
    return values(in, count, type, dims);
  }

  /** The number of elements, checked against the bytes that are there and the limit. */
  private static int count(List<Long> dims, NpyType type, long available, String origin)
      throws MalformedException {
    int widest = Math.max(type.sourceBytes(), ElementTypes.bytes(type.target()));
    long elements = 1;
    for (long dim : dims) {
      if (dim != 0 && elements > ArraySizes.MAX_BYTES / widest / dim) {
        throw new MalformedException(
            "%s: shape %s is larger than %d bytes".formatted(origin, dims, ArraySizes.MAX_BYTES));
      }
      elements *= dim;
    }
    if (elements * type.sourceBytes() != available) {
      throw new MalformedException(
          "%s: %d bytes of values (expected: %d for shape %s)"
              .formatted(origin, available, elements * type.sourceBytes(), dims));
    }
    return (int) elements;
  }

  private static RawArray values(InputStream in, int count, NpyType type, List<Long> dims)
      throws IOException {
    int sourceBytes = type.sourceBytes();
    ElementType target = type.target();
    ByteBuffer source =
        ByteBuffer.wrap(exactly(in, count * sourceBytes)).order(ByteOrder.LITTLE_ENDIAN);
    if (type.isTarget()) {
      return new RawArray(target, dims, source);
    }
    ByteBuffer widened =
        ByteBuffer.allocate(count * ElementTypes.bytes(target)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      type.convert(source, widened);
    }
    return new RawArray(target, dims, widened.flip());
  }

  private static List<Long> dims(String shape, String origin) throws MalformedException {
    List<Long> dims = new ArrayList<>();
    for (String part : shape.split(",", -1)) {
      String digits = part.strip();
      if (digits.isEmpty()) {
        continue;
      }
      if (digits.length() > 18 || dims.size() == MAX_AXES || !digits.matches("[0-9]+")) {
        throw new MalformedException(origin + ": shape (" + brief(shape) + ")");
      }
      dims.add(Long.parseLong(digits));
    }
    return dims;
  }

  private static String match(Pattern pattern, String header, String origin, String field)
      throws MalformedException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new MalformedException(origin + ": its header has no sound " + field);
    }
    return matcher.group(1);
  }

  private static String brief(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  private static byte[] exactly(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException();
    }
    return bytes;
  }
}
