package dev.heirloom.bench.grpc.hostile;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Sends hostile calls over a few connections, and says how each ended. */
final class HostileClient implements AutoCloseable {
  private static final int CONNECTIONS = 8;
  private static final int RESPONSES = 3;

  /** What a call that goes on for ever may take until its first answer. */
  private static final long ENDLESS_MS = 1000;

  private final List<ManagedChannel> plain;
  private final Map<String, ManagedChannel> compressing = new HashMap<>();
  private final AtomicInteger next = new AtomicInteger();

  /** Over plain text. */
  static HostileClient plain(int port) {
    return new HostileClient(() -> channel(port).usePlaintext());
  }

  /** Over TLS, as nobody, to a server with a certificate of an authority. */
  static HostileClient nobody(int port, X509Certificate authority) throws SSLException {
    SslContext tls = GrpcSslContexts.forClient().trustManager(authority).build();
    return new HostileClient(() -> channel(port).sslContext(tls));
  }

  private HostileClient(Supplier<NettyChannelBuilder> opener) {
    plain = Stream.generate(() -> opener.get().build()).limit(CONNECTIONS).toList();
    for (String codec : List.of(HostileCodecs.BOMB, HostileCodecs.BROKEN, HostileCodecs.UNKNOWN)) {
      compressing.put(codec, opener.get().compressorRegistry(HostileCodecs.only(codec)).build());
    }
  }

  private static NettyChannelBuilder channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .maxInboundMetadataSize(64 << 10)
        .maxInboundMessageSize(16 << 20);
  }

  /**
   * How a call ended.
   *
   * @param status empty: it had answers and went on, so that its client ended it
   */
  record Ended(Optional<Status> status) {}

  /**
   * Sends a call.
   *
   * @param patience after which the client gives up
   */
  CompletableFuture<Ended> send(HostileCall hostile, Duration patience) {
    ManagedChannel channel =
        hostile
            .encoding()
            .map(compressing::get)
            .orElseGet(() -> plain.get(Math.floorMod(next.getAndIncrement(), CONNECTIONS)));
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (hostile.endless()) {
      options = options.withDeadlineAfter(ENDLESS_MS, TimeUnit.MILLISECONDS);
    }
    if (hostile.encoding().isPresent()) {
      options = options.withCompression(HostileCodecs.toldName(hostile.encoding().get()));
    }
    ClientCall<ByteString, ByteString> call = channel.newCall(raw(hostile.method()), options);
    CompletableFuture<Ended> end = new CompletableFuture<>();
    call.start(new Hearing(call, end, hostile), headers(hostile));
    call.request(RESPONSES);
    try {
      hostile.messages().forEach(call::sendMessage);
      switch (hostile.end()) {
        case HALF_CLOSE -> call.halfClose();
        case CANCEL -> call.cancel("as was meant", null);
        case SILENCE -> {}
      }
    } catch (IllegalStateException e) {
      // It had enough answers before its last message, and was ended.
    }
    return end;
  }

  private static Metadata headers(HostileCall hostile) {
    Metadata headers = new Metadata();
    hostile
        .headers()
        .forEach(
            (name, value) -> {
              if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                headers.put(
                    Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
                    ByteString.copyFromUtf8(value).toByteArray());
              } else {
                headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
              }
            });
    return headers;
  }

  /** Takes any number of messages, whatever the method takes. */
  private static MethodDescriptor<ByteString, ByteString> raw(MethodDescriptor<?, ?> method) {
    return MethodDescriptor.newBuilder(Bytes.ALL, Bytes.ALL)
        .setFullMethodName(method.getFullMethodName())
        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
        .build();
  }

  @Override
  public void close() {
    plain.forEach(ManagedChannel::shutdownNow);
    compressing.values().forEach(ManagedChannel::shutdownNow);
  }

  /** Waits for the end; of answers that go on it takes a few. */
  private static final class Hearing extends ClientCall.Listener<ByteString> {
    private final ClientCall<ByteString, ByteString> call;
    private final CompletableFuture<Ended> end;
    private final int enough;
    private int responses;

    Hearing(
        ClientCall<ByteString, ByteString> call,
        CompletableFuture<Ended> end,
        HostileCall hostile) {
      this.call = call;
      this.end = end;
      this.enough = hostile.endless() ? 1 : RESPONSES;
    }

    @Override
    public void onMessage(ByteString message) {
      if (++responses == enough) {
        end.complete(new Ended(Optional.empty()));
        call.cancel("enough", null);
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      end.complete(new Ended(Optional.of(status)));
    }
  }

  private enum Bytes implements MethodDescriptor.Marshaller<ByteString> {
    ALL;

    @Override
    public InputStream stream(ByteString value) {
      return value.newInput();
    }

    @Override
    public ByteString parse(InputStream stream) {
      try {
        return ByteString.readFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
