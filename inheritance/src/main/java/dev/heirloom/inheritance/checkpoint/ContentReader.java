package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.runtime.MalformedException;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the parts of a content one by one. Nothing is allocated for a length that the rest of the
 * content does not have.
 */
final class ContentReader {
  private static final int CHUNK = 1 << 14;

  private final DataInputStream in;
  private long left;

  /**
   * @param length bytes that may be read
   */
  ContentReader(InputStream in, long length) {
    this.in = new DataInputStream(in);
    this.left = length;
  }

  int integer(String what, int least, int most) throws IOException, MalformedException {
    take(what, Integer.BYTES);
    int value = in.readInt();
    if (value < least || value > most) {
      throw new MalformedException(
          what + ": " + value + " (expected: " + least + ".." + most + ")");
    }
    return value;
  }

  long number(String what, long least) throws IOException, MalformedException {
    take(what, Long.BYTES);
    long value = in.readLong();
    if (value < least) {
      throw new MalformedException(what + ": " + value + " (expected: " + least + " or more)");
    }
    return value;
  }

  /** A length as int32, then that many bytes of UTF-8. */
  String text(String what) throws IOException, MalformedException {
    int length = integer(what, 0, Integer.MAX_VALUE);
    take(what, length);
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  byte[] bytes(int count) throws IOException, MalformedException {
    take("bytes", count);
    return in.readNBytes(count);
  }

  /** So many float32. */
  float[] floats(String what, long count) throws IOException, MalformedException {
    if (count < 0 || count > Integer.MAX_VALUE - 8) {
      throw new MalformedException(what + ": " + count + " values");
    }
    take(what, count * Float.BYTES);
    float[] values = new float[(int) count];
    for (int from = 0; from < values.length; from += CHUNK) {
      int size = Math.min(CHUNK, values.length - from);
      ByteBuffer.wrap(in.readNBytes(size * Float.BYTES)).asFloatBuffer().get(values, from, size);
    }
    return values;
  }

  /** So many float64. */
  double[] doubles(String what, int count) throws IOException, MalformedException {
    take(what, (long) count * Double.BYTES);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.readDouble();
    }
    return values;
  }

  /** Refuses what is left over. */
  void end() throws MalformedException {
    if (left > 0) {
      throw new MalformedException(left + " bytes too many");
    }
  }

  private void take(String what, long bytes) throws MalformedException {
    if (bytes > left) {
      throw new MalformedException(what + ": " + bytes + " bytes (expected: at most " + left + ")");
    }
    left -= bytes;
  }
}
