package dev.heirloom.bench.grpc.hostile;

import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A connection on which HTTP/2 is written by hand, frame by frame. */
final class RawConnection implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int CONNECT_MS = 5000;
  private static final int LARGEST_FRAME = 1 << 24;

  private final Socket socket = new Socket();
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder(false);

  RawConnection(int port, int patienceMs) throws IOException {
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS);
    socket.setSoTimeout(patienceMs);
  }

  RawConnection preface() {
    pending.writeBytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
    return frame(SETTINGS, 0, 0, new byte[0]);
  }

  RawConnection bytes(byte[] bytes) {
    pending.writeBytes(bytes);
    return this;
  }

  RawConnection frame(int type, int flags, int stream, byte[] payload) {
    int length = payload.length;
    pending.writeBytes(
        new byte[] {
          (byte) (length >> 16),
          (byte) (length >> 8),
          (byte) length,
          (byte) type,
          (byte) flags,
          (byte) (stream >> 24),
          (byte) (stream >> 16),
          (byte) (stream >> 8),
          (byte) stream
        });
    return bytes(payload);
  }

  /** Fields that are spelled out, none of them indexed. */
  static byte[] block(Map<String, String> fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    fields.forEach(
        (name, value) -> {
          block.write(0x10);
          string(block, name);
          string(block, value);
        });
    return block.toByteArray();
  }

  private static void string(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int length = bytes.length;
    if (length < 127) {
      block.write(length);
    } else {
      block.write(127);
      int rest = length - 127;
      while (rest >= 128) {
        block.write(rest % 128 + 128);
        rest /= 128;
      }
      block.write(rest);
    }
    block.writeBytes(bytes);
  }

  /** Sends what was written; false where the server has closed already. */
  boolean flush() {
    try {
      OutputStream out = socket.getOutputStream();
      pending.writeTo(out);
      out.flush();
      pending.reset();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Says that no more comes. */
  void end() throws IOException {
    if (!socket.isClosed()) {
      socket.shutdownOutput();
    }
  }

  /**
   * What the server says to it.
   *
   * @param kind {@code grpc-status}, {@code http-status}, {@code answer}, {@code reset}, {@code
   *     goaway}, {@code closed}, {@code ack}, or {@code silence}
   * @param code of it, if it has one
   */
  record Said(String kind, String code) {}

  /**
   * Reads until something ends the stream or the connection.
   *
   * @param untilAck whether an acknowledged ping is an answer, too
   */
  Said answer(boolean untilAck) throws Http2Exception {
    try {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (true) {
        int length = (in.readUnsignedShort() << 8) | in.readUnsignedByte();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        if (length > LARGEST_FRAME) {
          return new Said("closed", "frame of " + length);
        }
        byte[] payload = in.readNBytes(length);
        if (type == HEADERS) {
          Http2Headers said = headers.decodeHeaders(stream, Unpooled.wrappedBuffer(payload));
          if (said.get("grpc-status") != null) {
            return new Said("grpc-status", said.get("grpc-status").toString());
          }
          if (said.status() != null && !said.status().toString().equals("200")) {
            return new Said("http-status", said.status().toString());
          }
        } else if (type == DATA && length > 0) {
          // A message can be sound in spite of what was done to it.
          return new Said("answer", "");
        } else if (type == RST_STREAM) {
          return new Said("reset", Integer.toString(payload[3]));
        } else if (type == GOAWAY) {
          return new Said("goaway", Integer.toString(payload[7]));
        } else if (type == PING && flags == ACK && untilAck) {
          return new Said("ack", "");
        }
      }
    } catch (SocketTimeoutException e) {
      return new Said("silence", "");
    } catch (EOFException | SocketException e) {
      return new Said("closed", "");
    } catch (IOException e) {
      return new Said("closed", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
