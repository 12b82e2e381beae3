package dev.heirloom.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.EnrolResponse;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.ToAgent;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What reaches a service behind a guard, and what becomes of the rest. */
@Timeout(30)
class RequestGuardTest {
  private static final byte[] SOUND =
      EnrolRequest.newBuilder().setName("device").build().toByteArray();
  private static final byte[] NO_MESSAGE = {(byte) 0xff, (byte) 0xff, (byte) 0xff};

  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private final Queue<RequestFault> faults = new ConcurrentLinkedQueue<>();
  private final Queue<String> heard = new ConcurrentLinkedQueue<>();
  private final CompletableFuture<String> cancelled = new CompletableFuture<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final String name = UUID.randomUUID().toString();
  private final ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
  private final Server server = server();

  private Server server() {
    RequestGuard guard =
        new RequestGuard(new RequestLimits(1000, Duration.ofMillis(200)), timer, faults::add);
    try {
      return InProcessServerBuilder.forName(name)
          .addService(guard.over(new Listening().bindService()))
          .build()
          .start();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    timer.shutdownNow();
  }

  private final class Listening extends AgentsGrpc.AgentsImplBase {
    @Override
    public void enrol(EnrolRequest request, StreamObserver<EnrolResponse> call) {
      heard.add(request.getName());
      if (request.getName().startsWith("no such")) {
        call.onError(refusal(request.getName()));
        return;
      }
      call.onNext(EnrolResponse.newBuilder().setDevice(request.getName()).build());
      call.onCompleted();
    }

    @Override
    public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> call) {
      return new StreamObserver<>() {
        @Override
        public void onNext(FromAgent message) {
          heard.add(message.getMessageCase().name());
          call.onNext(ToAgent.getDefaultInstance());
        }

        @Override
        public void onError(Throwable failure) {
          cancelled.complete(Status.fromThrowable(failure).getCode().name());
        }

        @Override
        public void onCompleted() {
          call.onCompleted();
        }
      };
    }
  }

  private static StatusRuntimeException refusal(String said) {
    Metadata trailers = new Metadata();
    trailers.put(DETAILS, said.getBytes(StandardCharsets.UTF_8));
    return Status.NOT_FOUND.withDescription(said).asRuntimeException(trailers);
  }

  /** Sends what it is given, whatever the method takes. */
  private final class Sent {
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final CompletableFuture<Metadata> trailers = new CompletableFuture<>();
    private final CompletableFuture<Boolean> answered = new CompletableFuture<>();
    private final ClientCall<byte[], byte[]> call;

    Sent(MethodDescriptor<?, ?> method, Metadata headers) {
      call =
          channel.newCall(
              MethodDescriptor.<byte[], byte[]>newBuilder(new Bytes(), new Bytes())
                  .setFullMethodName(method.getFullMethodName())
                  .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                  .build(),
              CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(byte[] message) {
              answered.complete(true);
            }

            @Override
            public void onClose(Status status, Metadata told) {
              trailers.complete(told);
              end.complete(status);
            }
          },
          headers);
      call.request(10);
    }

    Sent(MethodDescriptor<?, ?> method) {
      this(method, new Metadata());
    }

    Sent message(byte[] bytes) {
      call.sendMessage(bytes);
      return this;
    }

    Sent halfClose() {
      call.halfClose();
      return this;
    }

    Status end() throws Exception {
      return end.get(20, TimeUnit.SECONDS);
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return ByteString.readFrom(stream).toByteArray();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static MethodDescriptor<?, ?> enrol() {
    return AgentsGrpc.getEnrolMethod();
  }

  private static MethodDescriptor<?, ?> connect() {
    return AgentsGrpc.getConnectMethod();
  }

  private void assertRefused(Status status, Status.Code code, String said, RequestFault fault) {
    assertThat(status.getCode()).as(status.toString()).isEqualTo(code);
    assertThat(status.getDescription()).contains(said).hasLineCount(1);
    assertThat(faults).containsExactly(fault);
  }

  @Test
  void passesWhatIsARequest() throws Exception {
    Status status = new Sent(enrol()).message(SOUND).halfClose().end();
    assertThat(status.isOk()).as(status.toString()).isTrue();
    assertThat(heard).containsExactly("device");
    assertThat(faults).isEmpty();
  }

  @Test
  void namesBytesThatAreNoMessage() throws Exception {
    Status status = new Sent(enrol()).message(NO_MESSAGE).halfClose().end();
    assertRefused(status, Status.Code.INVALID_ARGUMENT, "message: ", RequestFault.MALFORMED);
    assertThat(heard).isEmpty();
  }

  @Test
  void endsAStreamAtBytesThatAreNoMessage() throws Exception {
    Sent stream = new Sent(connect()).message(new byte[0]);
    assertThat(stream.answered.get(20, TimeUnit.SECONDS)).isTrue();
    Status status = stream.message(NO_MESSAGE).message(new byte[0]).end();
    assertRefused(status, Status.Code.INVALID_ARGUMENT, "message: ", RequestFault.MALFORMED);
    assertThat(heard).containsExactly("MESSAGE_NOT_SET");
    assertThat(cancelled.get(20, TimeUnit.SECONDS)).isEqualTo("CANCELLED");
  }

  @Test
  void namesAMessageThatIsMissing() throws Exception {
    Status status = new Sent(enrol()).halfClose().end();
    assertRefused(status, Status.Code.INVALID_ARGUMENT, "missing", RequestFault.MISSING);
  }

  @Test
  void namesASecondMessageWhereOneIsTaken() throws Exception {
    Status status = new Sent(enrol()).message(SOUND).message(SOUND).halfClose().end();
    assertRefused(status, Status.Code.INVALID_ARGUMENT, "a second one", RequestFault.SECOND);
    assertThat(heard).isEmpty();
  }

  @Test
  void endsARequestThatDoesNotBegin() throws Exception {
    for (MethodDescriptor<?, ?> method : List.of(enrol(), connect())) {
      faults.clear();
      Status status = new Sent(method).end();
      assertRefused(status, Status.Code.DEADLINE_EXCEEDED, "200 ms", RequestFault.UNFINISHED);
    }
  }

  @Test
  void endsARequestThatDoesNotEnd() throws Exception {
    Status status = new Sent(enrol()).message(SOUND).end();
    assertRefused(status, Status.Code.DEADLINE_EXCEEDED, "200 ms", RequestFault.UNFINISHED);
    assertThat(heard).isEmpty();
  }

  @Test
  void letsAStreamThatHasBegunGoOn() throws Exception {
    Sent stream = new Sent(connect()).message(new byte[0]);
    assertThat(stream.answered.get(20, TimeUnit.SECONDS)).isTrue();
    Status late = new Sent(enrol()).end();
    assertThat(late.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
    assertThat(stream.end).isNotDone();
    assertThat(stream.halfClose().end().isOk()).isTrue();
  }

  @Test
  void refusesHeadersBeyondTheirLimit() throws Exception {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-long", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(1000));
    Status status = new Sent(enrol(), headers).message(SOUND).halfClose().end();
    assertRefused(status, Status.Code.RESOURCE_EXHAUSTED, "headers: ", RequestFault.HEADERS);
    assertThat(heard).isEmpty();
  }

  @Test
  void countsHeadersOfBytesToo() throws Exception {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[1000]);
    Status status = new Sent(enrol(), headers).message(SOUND).halfClose().end();
    assertRefused(status, Status.Code.RESOURCE_EXHAUSTED, "headers: ", RequestFault.HEADERS);
  }

  private Sent refused(String said) throws Exception {
    byte[] request = EnrolRequest.newBuilder().setName(said).build().toByteArray();
    Sent sent = new Sent(enrol()).message(request).halfClose();
    assertThat(sent.end().getCode()).isEqualTo(Status.Code.NOT_FOUND);
    return sent;
  }

  @Test
  void cutsADescriptionThatItsClientCouldNotRead() throws Exception {
    Sent plain = refused("no such token: " + "x".repeat(20_000));
    assertThat(plain.end().getDescription())
        .startsWith("no such token: xxx")
        .endsWith("x...")
        .hasSize(ShortStatus.MOST_DESCRIPTION_BYTES + 3);
    assertThat(plain.trailers.get().containsKey(DETAILS)).isFalse();

    // Twelve bytes each, as they are encoded.
    Sent encoded = refused("no such " + "\ud83d\ude80".repeat(300));
    assertThat(encoded.end().getDescription()).hasSize(8 + 2 * ((2000 - 8) / 12) + 3);
  }

  @Test
  void leavesADescriptionThatFitsAsItIs() throws Exception {
    Sent sent = refused("no such token: " + "x".repeat(1985));
    assertThat(sent.end().getDescription()).hasSize(2000).endsWith("x");
    assertThat(sent.trailers.get().containsKey(DETAILS)).isTrue();
  }
}
