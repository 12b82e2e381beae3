package dev.heirloom.bench.grpc.hostile;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * What a client of gRPC cannot be brought to send: lengths that lie, flags that nobody set, frames
 * out of order, floods of frames. It is answered by gRPC itself or by HTTP/2, before anything of
 * ours.
 */
final class RawAttack {
  private static final int PATIENCE_MS = 10_000;
  private static final int KINDS = 15;
  private static final int FLOOD = 300;
  private static final byte[] NOTHING = {};

  // gRPC's own words for what it cannot read; UNKNOWN is none.
  private static final String UNKNOWN = "2";
  private static final Set<String> ENDS =
      Set.of("grpc-status", "http-status", "answer", "reset", "goaway", "closed");

  private final long number;
  private final int kind;
  private final Random random;
  private final String path;
  private final ByteString message;

  /**
   * @param path of the method that it is about
   * @param message a sound one of it
   */
  RawAttack(long seed, long number, String path, ByteString message) {
    this.number = number;
    this.random = new Random(seed * 31 + number);
    int unused = random.nextInt();
    this.kind = (int) (number % KINDS);
    this.path = path;
    this.message = message;
  }

  /** Sends it; what is wrong with the answer, or empty. */
  Optional<String> run(int port) {
    try (RawConnection connection = new RawConnection(port, PATIENCE_MS)) {
      write(connection);
      boolean sent = connection.flush();
      if (kind == 6 || kind == 14) {
        connection.end();
      }
      boolean frames = kind == 7 || kind == 8;
      RawConnection.Said said =
          sent ? connection.answer(frames) : new RawConnection.Said("closed", "");
      boolean right =
          (ENDS.contains(said.kind())
                  || (frames && said.kind().equals("ack"))
                  || (watches() && said.kind().equals("silence")))
              && !(said.kind().equals("grpc-status") && said.code().equals(UNKNOWN));
      return right ? Optional.empty() : Optional.of(label() + ": " + said);
    } catch (IOException e) {
      return Optional.of(label() + ": " + e);
    } catch (Exception e) {
      return Optional.of(label() + ": unreadable answer, " + e);
    }
  }

  /** Whether what is left of a request may be a sound one, whose answer is nothing at first. */
  private boolean watches() {
    return kind == 1 && path.endsWith("/WatchRollouts");
  }

  private String label() {
    return "raw " + number + " (kind " + kind + ", " + path + ")";
  }

  private void write(RawConnection to) {
    byte[] body = message.toByteArray();
    switch (kind) {
      // Lengths beyond what comes, short of it, beyond any limit.
      case 0 -> call(to, framed(0, body.length + 1 + random.nextInt(100), body), true);
      case 1 -> call(to, framed(0, Math.max(0, body.length - 1), body), true);
      case 2 -> call(to, framed(0, -1, body), true);
      // Flags: compressed by nothing, or none that there are.
      case 3 -> call(to, framed(1, body.length, body), true);
      case 4 -> call(to, framed(2 + random.nextInt(254), body.length, body), true);
      // Not of gRPC at all.
      case 5 -> to.preface().frame(RawConnection.HEADERS, 5, 1, headers("GET", "text/html"));
      case 6 -> {
        byte[] noise = new byte[200];
        random.nextBytes(noise);
        to.bytes(noise);
      }
      case 7 -> flood(to, RawConnection.PING, new byte[8]);
      case 8 -> {
        flood(to, RawConnection.SETTINGS, NOTHING);
        to.frame(RawConnection.PING, 0, 0, new byte[8]);
      }
      // Frames of streams that were never opened, or cannot be.
      case 9 -> to.preface().frame(RawConnection.DATA, 0, 1 + random.nextInt(100), new byte[10]);
      case 10 ->
          to.preface().frame(RawConnection.HEADERS, 5, 2, headers("POST", "application/grpc"));
      case 11 ->
          to.preface()
              .frame(RawConnection.WINDOW_UPDATE, 0, 0, new byte[] {0x7f, -1, -1, -1})
              .frame(RawConnection.WINDOW_UPDATE, 0, 0, new byte[] {0x7f, -1, -1, -1});
      // Headers that never end.
      case 12 -> {
        to.preface().frame(RawConnection.HEADERS, 0, 1, headers("POST", "application/grpc"));
        for (int i = 0; i < FLOOD; i++) {
          to.frame(
              RawConnection.CONTINUATION, 0, 1, RawConnection.block(Map.of("x", "y".repeat(500))));
        }
      }
      case 13 -> {
        to.preface();
        for (int i = 0; i < 2000; i++) {
          int stream = 1 + 2 * i;
          to.frame(RawConnection.HEADERS, 4, stream, headers("POST", "application/grpc"))
              .frame(RawConnection.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
        }
      }
      default -> {
        byte[] noise = new byte[400];
        random.nextBytes(noise);
        to.preface().bytes(noise);
      }
    }
  }

  private static void flood(RawConnection to, int type, byte[] payload) {
    to.preface();
    for (int i = 0; i < FLOOD; i++) {
      to.frame(type, 0, 0, payload);
    }
  }

  private void call(RawConnection to, byte[] data, boolean end) {
    to.preface()
        .frame(
            RawConnection.HEADERS,
            RawConnection.END_HEADERS,
            1,
            headers("POST", "application/grpc"))
        .frame(RawConnection.DATA, end ? RawConnection.END_STREAM : 0, 1, data);
  }

  private byte[] headers(String method, String contentType) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put(":method", method);
    fields.put(":scheme", "http");
    fields.put(":path", "/" + path);
    fields.put(":authority", "localhost");
    fields.put("content-type", contentType);
    fields.put("te", "trailers");
    return RawConnection.block(fields);
  }

  private static byte[] framed(int flags, int length, byte[] body) {
    byte[] all = new byte[5 + body.length];
    all[0] = (byte) flags;
    for (int i = 0; i < 4; i++) {
      all[1 + i] = (byte) (length >> (24 - 8 * i));
    }
    System.arraycopy(body, 0, all, 5, body.length);
    return all;
  }
}
