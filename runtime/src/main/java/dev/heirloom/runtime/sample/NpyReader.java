package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads one NumPy array from a stream, widening its values to an element type where needed. */
final class NpyReader {

  private static final int STEP_ELEMENTS = 1 << 15;

  private NpyReader() {}

  /**
   * Reads an array.
   *
   * @param held bytes that the whole entry has, as its archive says; the values must fill them
   */
  static RawArray read(
      InputStream in, long held, String origin, Reading reading, Reading.Tally tally)
      throws IOException, MalformedException {
    NpyHeader header = NpyHeader.read(in, held, origin);
    tally.add(header.bytes());
    NpyType type = header.type();
    ElementType target = type.target();
    int rowElements = header.rowElements();
    long elements = (long) header.rows() * rowElements;
    byte[] step = new byte[STEP_ELEMENTS * type.sourceBytes()];
    ByteBuffer widened =
        ByteBuffer.allocate(STEP_ELEMENTS * ElementTypes.bytes(target))
            .order(ByteOrder.LITTLE_ENDIAN);
    try (SampleSpool spool = new SampleSpool(reading)) {
      spool.expect(elements * ElementTypes.bytes(target));
      for (long done = 0; done < elements; ) {
        int count = (int) Math.min(STEP_ELEMENTS, elements - done);
        int bytes = count * type.sourceBytes();
        if (in.readNBytes(step, 0, bytes) < bytes) {
          throw new EOFException();
        }
        if (type.isTarget()) {
          spool.add(step, 0, bytes);
        } else {
          ByteBuffer source = ByteBuffer.wrap(step).order(ByteOrder.LITTLE_ENDIAN);
          widened.clear();
          for (int i = 0; i < count; i++) {
            type.convert(source, widened);
          }
          spool.add(widened.flip());
        }
        done += count;
        tally.add(bytes);
      }
      int rowBytes = rowElements * ElementTypes.bytes(target);
      return new RawArray(target, header.dims(), spool.rows(header.rows(), rowBytes));
    }
  }
}
