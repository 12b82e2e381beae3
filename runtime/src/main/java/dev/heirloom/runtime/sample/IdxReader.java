package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads IDX files of unsigned bytes, plain or gzip: two zero bytes, the type 0x08, the number of
 * axes, each axis as a big-endian uint32, then the values.
 */
final class IdxReader {

  private static final int UNSIGNED_BYTE = 0x08;
  private static final int MAX_AXES = 8;

  /** Deflate cannot shrink by more than this, so a small file cannot promise a large array. */
  private static final long MAX_DEFLATION = 1040;

  private IdxReader() {}

  static RawArray read(Path file) throws IOException, MalformedException {
    long held = Files.size(file);
    try (InputStream plain = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      plain.mark(2);
      boolean gzip = plain.read() == 0x1f && plain.read() == 0x8b;
      plain.reset();
      long most = gzip ? held * MAX_DEFLATION : held;
      try (InputStream in = gzip ? new GZIPInputStream(plain, 1 << 16) : plain) {
        return read(in, most, file.toString());
      }
    } catch (EOFException e) {
      throw new MalformedException(file + ": truncated", e);
    } catch (ZipException e) {
      throw new MalformedException(file + ": damaged gzip: " + e.getMessage(), e);
    }
  }

  private static RawArray read(InputStream in, long most, String origin)
      throws IOException, MalformedException {
    byte[] magic = exactly(in, 4);
    if (magic[0] != 0 || magic[1] != 0) {
      throw new MalformedException(origin + ": not an IDX file");
    }
    if (magic[2] != UNSIGNED_BYTE) {
      throw new MalformedException(
          "%s: element type 0x%02x (expected: 0x08, unsigned bytes)".formatted(origin, magic[2]));
    }
    int axes = Byte.toUnsignedInt(magic[3]);
    if (axes < 1 || axes > MAX_AXES) {
      throw new MalformedException(
          "%s: %d axes (expected: 1..%d)".formatted(origin, axes, MAX_AXES));
    }
    List<Long> dims = new ArrayList<>();
    ByteBuffer extents = ByteBuffer.wrap(exactly(in, 4 * axes));
    long elements = 1;
    for (int axis = 0; axis < axes; axis++) {
      long extent = Integer.toUnsignedLong(extents.getInt());
      if (extent != 0 && elements > Math.min(most, ArraySizes.MAX_BYTES) / extent) {
        throw new MalformedException(
            "%s: promises more values than the file can hold".formatted(origin));
      }
      elements *= extent;
      dims.add(extent);
    }
    byte[] values = exactly(in, (int) elements);
    if (in.read() >= 0) {
      throw new MalformedException(origin + ": goes on after its last value");
    }
    return new RawArray(ElementType.ELEMENT_TYPE_UINT8, dims, ByteBuffer.wrap(values));
  }

  private static byte[] exactly(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException();
    }
    return bytes;
  }
}
