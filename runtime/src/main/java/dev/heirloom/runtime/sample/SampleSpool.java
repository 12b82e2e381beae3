package dev.heirloom.runtime.sample;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Collects samples one behind the other: on the heap while they are few, in a file that is mapped
 * at the end once they are many. The file has no name from the start where the system allows that,
 * so that nothing is left behind however the program ends.
 */
public final class SampleSpool implements AutoCloseable {

  private static final long LEAST_HEAP_BYTES = 1 << 12;
  private static final int FILE_BUFFER_BYTES = 1 << 18;

  private final Reading reading;
  private byte[] held;
  private int count;
  private long inFile;
  private @Nullable FileChannel file;

  public SampleSpool(Reading reading) {
    this.reading = reading;
    this.held = new byte[(int) Math.min(LEAST_HEAP_BYTES, reading.heapBytes())];
  }

  /**
   * Checks that there is room.
   *
   * @param bytes that are to come
   * @throws IOException if the disk has too little
   */
  void expect(long bytes) throws IOException {
    if (bytes > reading.heapBytes()
        && Files.getFileStore(reading.directory()).getUsableSpace() < bytes) {
      throw new IOException(
          "unpacked, the data takes %d MiB, more than %s has (expected: room, or another directory"
                  .formatted(bytes >> 20, reading.directory())
              + " by HEIRLOOM_JAVA_OPTIONS=-Djava.io.tmpdir=DIRECTORY)");
    }
  }

  /** Adds bytes of the next sample. */
  public void add(byte[] bytes, int from, int number) throws IOException {
    if (count + (long) number > held.length) {
      long wanted = count + (long) number;
      if (file == null && wanted <= reading.heapBytes()) {
        long doubled = Math.min(reading.heapBytes(), 2L * held.length);
        held = Arrays.copyOf(held, Math.toIntExact(Math.max(wanted, doubled)));
      } else {
        flush();
        if (number > held.length) {
          write(ByteBuffer.wrap(bytes, from, number));
          return;
        }
      }
    }
    System.arraycopy(bytes, from, held, count, number);
    count += number;
  }

  /** Adds what lies between a buffer's position and its limit. */
  void add(ByteBuffer bytes) throws IOException {
    add(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
  }

  private void flush() throws IOException {
    write(ByteBuffer.wrap(held, 0, count));
    count = 0;
    if (held.length != FILE_BUFFER_BYTES) {
      held = new byte[FILE_BUFFER_BYTES];
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    FileChannel to = file == null ? create() : file;
    file = to;
    inFile += bytes.remaining();
    try {
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
    } catch (IOException e) {
      throw new IOException(
          "%s: %s (data is unpacked there)".formatted(reading.directory(), e.getMessage()), e);
    }
  }

  private FileChannel create() throws IOException {
    Path path = reading.directory().resolve("heirloom-" + UUID.randomUUID() + ".samples");
    return FileChannel.open(
        path,
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  /**
   * What was collected; the spool can take no more after it.
   *
   * @param number of samples
   */
  Rows rows(int number, int rowBytes) throws IOException {
    if (inFile + count != (long) number * rowBytes) {
      throw new IllegalArgumentException(
          "bytes: %d (expected: %d)".formatted(inFile + count, (long) number * rowBytes));
    }
    if (file == null) {
      return Rows.of(ByteBuffer.wrap(held, 0, count), number, rowBytes);
    }
    flush();
    return Rows.map(file, 0, number, rowBytes, 0, rowBytes, reading.pieceBytes());
  }

  /** Lets go of the file; rows that were taken stay. */
  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
