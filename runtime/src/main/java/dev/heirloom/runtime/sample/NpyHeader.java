package dev.heirloom.runtime.sample;

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
 * What a NumPy array says of itself, format versions 1 to 3: magic, version, header length, a
 * Python dictionary with {@code descr}, {@code fortran_order} and {@code shape}.
 *
 * @param dims axes, the samples' first
 * @param bytes before the values
 */
record NpyHeader(NpyType type, List<Long> dims, long bytes) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER_BYTES = 1 << 16;
  private static final int MAX_AXES = 8;
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\s]*)\\)");

  /**
   * Reads a header and checks its promises.
   *
   * @param held bytes that the whole array has; the values must fill them
   */
  static NpyHeader read(InputStream in, long held, String origin)
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
    NpyHeader read = new NpyHeader(type, dims, 8 + lengthBytes + headerBytes);
    read.check(held - read.bytes(), origin);
    return read;
  }

  /** Checks the shape against the limits and the bytes that are there. */
  private void check(long available, String origin) throws MalformedException {
    int widest = Math.max(type.sourceBytes(), ElementTypes.bytes(type.target()));
    long elements = 1;
    long inSample = 1;
    for (int axis = 0; axis < dims.size(); axis++) {
      long dim = dims.get(axis);
      long most = axis == 0 ? Integer.MAX_VALUE : Integer.MAX_VALUE / widest / inSample;
      if (dim > most) {
        throw new MalformedException(
            "%s: shape %s (expected: at most %d samples of at most %d bytes)"
                .formatted(origin, dims, Integer.MAX_VALUE, Integer.MAX_VALUE));
      }
      inSample = axis == 0 ? 1 : Math.max(1, inSample * dim);
      elements *= dim;
    }
    if (elements * type.sourceBytes() != available) {
      throw new MalformedException(
          "%s: %d bytes of values (expected: %d for shape %s)"
              .formatted(origin, available, elements * type.sourceBytes(), dims));
    }
  }

  /** Number of samples. */
  int rows() {
    return dims.isEmpty() ? 1 : dims.get(0).intValue();
  }

  /** Elements of one sample. */
  int rowElements() {
    int elements = 1;
    for (int axis = 1; axis < dims.size(); axis++) {
      elements = Math.multiplyExact(elements, dims.get(axis).intValue());
    }
    return elements;
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
