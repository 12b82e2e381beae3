package dev.heirloom.runtime.sample;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** A stream that tells how many bytes are read from it; neither skips nor goes back. */
final class CountingStream extends FilterInputStream {

  private final LongConsumer counted;

  CountingStream(InputStream in, LongConsumer counted) {
    super(in);
    this.counted = counted;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    if (value >= 0) {
      counted.accept(1);
    }
    return value;
  }

  @Override
  public int read(byte[] bytes, int from, int count) throws IOException {
    int read = super.read(bytes, from, count);
    if (read > 0) {
      counted.accept(read);
    }
    return read;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
