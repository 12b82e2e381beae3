package dev.heirloom.control.trainer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How many steps of a job's fine-tune this trainer did altogether, in a file of eight bytes that is
 * written with each step, so that it is right also after the process was killed.
 */
final class StepRecord implements AutoCloseable {
  private final FileChannel channel;
  private long steps;

  private StepRecord(FileChannel channel, long steps) {
    this.channel = channel;
    this.steps = steps;
  }

  /** Goes on with a record, or begins one. */
  static StepRecord open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
    boolean there = channel.read(bytes, 0) == Long.BYTES;
    return new StepRecord(channel, there ? Math.max(0, bytes.getLong(0)) : 0);
  }

  /** One more. */
  void step() throws IOException {
    steps++;
    channel.write(ByteBuffer.allocate(Long.BYTES).putLong(0, steps), 0);
  }

  long steps() {
    return steps;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
