package dev.heirloom.bench.grpc.hostile;

import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** Compressors that do not do what they say. Each is asked for by a name of its own. */
final class HostileCodecs {
  static final String BOMB = "bomb";
  static final String BROKEN = "broken";
  static final String UNKNOWN = "hostile-codec";

  private static final int BOMB_MIB = 64;
  private static final byte[] PACKED = packed();

  private HostileCodecs() {}

  private static byte[] packed() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      // A field that nobody knows, of so many bytes: nothing about it is wrong but its size.
      gzip.write(new byte[] {(byte) 0xc2, 0x3e, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x20});
      byte[] mebibyte = new byte[1 << 20];
      for (int i = 0; i < BOMB_MIB; i++) {
        gzip.write(mebibyte);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  /** A registry with one of them, under the name that is told to the server. */
  static CompressorRegistry only(String codec) {
    CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
    registry.register(Codec.Identity.NONE);
    registry.register(new Hostile(codec));
    return registry;
  }

  /** The name under which {@link #only} has it. */
  static String toldName(String codec) {
    return codec.equals(UNKNOWN) ? UNKNOWN : "gzip";
  }

  private record Hostile(String codec) implements Compressor {
    @Override
    public String getMessageEncoding() {
      return toldName(codec);
    }

    @Override
    public OutputStream compress(OutputStream out) throws IOException {
      if (codec.equals(BOMB)) {
        out.write(PACKED);
      } else {
        out.write(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6});
      }
      // What the message is does not matter any more.
      return new OutputStream() {
        @Override
        public void write(int b) {}

        @Override
        public void flush() throws IOException {
          out.flush();
        }

        @Override
        public void close() throws IOException {
          out.close();
        }
      };
    }
  }
}
