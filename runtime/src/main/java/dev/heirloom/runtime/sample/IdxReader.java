package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads IDX files of unsigned bytes, plain or gzip: two zero bytes, the type 0x08, the number of
 * axes, each axis as a big-endian uint32, then the values. Large plain files are mapped.
 */
final class IdxReader {

  private static final int UNSIGNED_BYTE = 0x08;
  private static final int MAX_AXES = 8;
  private static final int STEP_BYTES = 1 << 16;

  /** Deflate cannot shrink by more than this, so a small file cannot promise a large array. */
  private static final long MAX_DEFLATION = 1040;

  private IdxReader() {}

  static RawArray read(Path file, Reading reading) throws IOException, MalformedException {
    long held = Files.size(file);
    try (InputStream plain = new BufferedInputStream(Files.newInputStream(file), STEP_BYTES)) {
      plain.mark(2);
      boolean gzip = plain.read() == 0x1f && plain.read() == 0x8b;
      plain.reset();
      long most = gzip ? held * MAX_DEFLATION : held;
      try (InputStream in = gzip ? new GZIPInputStream(plain, STEP_BYTES) : plain) {
        List<Long> dims = header(in, most, file);
        int begin = 4 + 4 * dims.size();
        int rows = dims.get(0).intValue();
        int rowBytes = rowBytes(dims);
        long bytes = (long) rows * rowBytes;
        if (!gzip && bytes > reading.heapBytes() && held == begin + bytes) {
          try (FileChannel channel = FileChannel.open(file)) {
            return new RawArray(
                ElementType.ELEMENT_TYPE_UINT8,
                dims,
                Rows.map(channel, begin, rows, rowBytes, 0, rowBytes, reading.pieceBytes()));
          }
        }
        return unpack(in, dims, bytes, file, reading);
      }
    } catch (EOFException e) {
      throw new MalformedException(file + ": truncated", e);
    } catch (ZipException e) {
      throw new MalformedException(file + ": damaged gzip: " + e.getMessage(), e);
    }
  }

  private static RawArray unpack(
      InputStream in, List<Long> dims, long bytes, Path file, Reading reading)
      throws IOException, MalformedException {
    Reading.Tally tally = reading.tally(bytes);
    byte[] step = new byte[STEP_BYTES];
    try (SampleSpool spool = new SampleSpool(reading)) {
      spool.expect(bytes);
      for (long done = 0; done < bytes; ) {
        int count = in.readNBytes(step, 0, (int) Math.min(step.length, bytes - done));
        if (count == 0) {
          throw new EOFException();
        }
        spool.add(step, 0, count);
        done += count;
        tally.add(count);
      }
      if (in.read() >= 0) {
        throw new MalformedException(file + ": goes on after its last value");
      }
      Rows rows = spool.rows(dims.get(0).intValue(), rowBytes(dims));
      return new RawArray(ElementType.ELEMENT_TYPE_UINT8, dims, rows);
    }
  }

  /** The axes, checked against what the file can hold. */
  private static List<Long> header(InputStream in, long most, Path origin)
      throws IOException, MalformedException {
    byte[] magic = exactly(in, 4);
    if (magic[0] != 0 || magic[1] != 0) {
      throw new MalformedException(
          origin + ": not an IDX file (expected: " + SampleFiles.FORMS + ")");
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
    long inSample = 1;
    for (int axis = 0; axis < axes; axis++) {
      long extent = Integer.toUnsignedLong(extents.getInt());
      long sampleMost = axis == 0 ? Integer.MAX_VALUE : Integer.MAX_VALUE / inSample;
      if (extent > sampleMost || (extent != 0 && elements > most / extent)) {
        throw new MalformedException(
            "%s: promises more values than the file can hold".formatted(origin));
      }
      elements *= extent;
      inSample = axis == 0 ? 1 : Math.max(1, inSample * extent);
      dims.add(extent);
    }
    return dims;
  }

  private static int rowBytes(List<Long> dims) {
    return Column.bytes("values", ElementType.ELEMENT_TYPE_UINT8, dims.subList(1, dims.size()));
  }

  private static byte[] exactly(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException();
    }
    return bytes;
  }
}
