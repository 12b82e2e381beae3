package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.OperationsGrpc;
import dev.heirloom.proto.v1.TeachersGrpc;
import dev.heirloom.proto.v1.Window;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What a control plane makes of messages that no client should send; names are each test's own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileRequestsIT {
  private static final ByteString NO_MESSAGE =
      ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});

  private final ControlPlane plane;
  private final Caller caller;

  HostileRequestsIT(@TempDir Path data) throws Exception {
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
    caller.publish(TinyFamily.small());
  }

  @AfterAll
  void stop() {
    caller.close();
    plane.close();
  }

  private double metric(String series) throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + plane.httpPort() + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no series " + series));
  }

  private static String refused(String kind) {
    return "heirloom_refused_messages_total{kind=\"" + kind + "\"}";
  }

  private ClientCall<ByteString, ByteString> raw(MethodDescriptor<?, ?> method) {
    return caller
        .channel()
        .newCall(
            MethodDescriptor.newBuilder(Bytes.ALL, Bytes.ALL)
                .setFullMethodName(method.getFullMethodName())
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .build(),
            CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
  }

  /** How a call ends that sends these messages, whatever its method takes. */
  private Status end(MethodDescriptor<?, ?> method, List<ByteString> messages) throws Exception {
    CompletableFuture<Status> end = new CompletableFuture<>();
    ClientCall<ByteString, ByteString> call = raw(method);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(100);
    messages.forEach(call::sendMessage);
    call.halfClose();
    return end.get(30, TimeUnit.SECONDS);
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

  @Test
  void bytesThatAreNoMessageAreNamedAndCountedOnEveryService() throws Exception {
    List<MethodDescriptor<?, ?>> methods =
        List.of(
            AgentsGrpc.getEnrolMethod(),
            AgentsGrpc.getConnectMethod(),
            FleetGrpc.getWatchMethod(),
            TeachersGrpc.getPublishMethod(),
            OperationsGrpc.getBackupMethod());
    double before = metric(refused("malformed"));
    for (MethodDescriptor<?, ?> method : methods) {
      Status status = end(method, List.of(NO_MESSAGE));
      assertThat(status.getCode())
          .as(method.getFullMethodName() + ": " + status)
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(status.getDescription()).startsWith("message: ");
    }
    assertThat(metric(refused("malformed")) - before).isEqualTo(methods.size());
  }

  @Test
  void aMissingAndASecondMessageAreNamedAndCounted() throws Exception {
    assertThat(end(FleetGrpc.getGetDeviceMethod(), List.of()).getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(
            end(FleetGrpc.getListDevicesMethod(), List.of(ByteString.EMPTY, ByteString.EMPTY))
                .getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(metric(refused("missing"))).isPositive();
    assertThat(metric(refused("second"))).isPositive();
  }

  @Test
  void aDeviceMayEnrolNoMoreOftenThanItsProfileChanges() {
    StatusRuntimeException thrown =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> {
              // Faster than one a second on any machine, or the limit would not matter.
              for (int i = 0; i < 2 * DeviceCalls.AT_ONCE; i++) {
                TestAgent.enrol(caller, "often");
              }
            });
    assertThat(thrown.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(thrown.getStatus().getDescription()).contains("often", "1 a second");
    // Another device is none the worse for it.
    TestAgent.enrol(caller, "seldom");
  }

  @Test
  void windowsThatAreNoneAreCountedAndTheStreamGoesOn() throws Exception {
    TestAgent.enrol(caller, "vague");
    double before = metric(refused("window"));
    try (TestAgent agent = TestAgent.connect(caller, "vague", 0)) {
      Desired desired = agent.desired();
      Window sound = TestAgent.window(3, desired, 1_000_000);
      for (long sequence = 1; sequence <= 2; sequence++) {
        Window none = sound.toBuilder().setSequence(sequence).setFamily("../").build();
        agent.send(FromAgent.newBuilder().setWindow(none).build());
      }
      agent.send(FromAgent.newBuilder().setWindow(sound).build());
      while (agent.taken() < 3) {
        // Each answer says how far it has come.
      }
    }
    assertThat(metric(refused("window")) - before).isEqualTo(2);
  }

  @Test
  void whatComesTooFastWaitsAndIsCounted() throws Exception {
    TestAgent.enrol(caller, "hasty");
    double before = metric("heirloom_held_messages_total");
    try (TestAgent agent = TestAgent.connect(caller, "hasty", 0)) {
      agent.windows(800, agent.desired(), 1_000_000);
      while (agent.taken() < 800) {
        // Each answer says how far it has come.
      }
    }
    assertThat(metric("heirloom_held_messages_total") - before).isPositive();
  }

  @Test
  void aSecondHelloEndsTheStreamAndIsCounted() throws Exception {
    TestAgent.enrol(caller, "twofold");
    double before = metric(refused("stream"));
    try (TestAgent agent = TestAgent.connect(caller, "twofold", 0)) {
      agent.send(FromAgent.newBuilder().setHello(Hello.newBuilder().setDevice("twofold")).build());
      StatusRuntimeException end = (StatusRuntimeException) agent.end();
      assertThat(end.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
    assertThat(metric(refused("stream")) - before).isEqualTo(1);
  }

  @Test
  void aMessageBeyondItsLimitLeavesOtherCallsOfItsConnectionAlone() throws Exception {
    TestAgent.enrol(caller, "neighbour");
    ByteString large = ByteString.copyFrom(new byte[(4 << 20) + 1]);
    try (TestAgent agent = TestAgent.connect(caller, "neighbour", 0)) {
      agent.windows(1, agent.desired(), 1_000_000);
      for (int i = 0; i < 5; i++) {
        Status status = end(ServerReflectionGrpc.getServerReflectionInfoMethod(), List.of(large));
        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        Status behind = end(FleetGrpc.getWatchMethod(), List.of(NO_MESSAGE, large));
        assertThat(behind.getCode())
            .isIn(Status.Code.INVALID_ARGUMENT, Status.Code.RESOURCE_EXHAUSTED);
      }
      agent.send(
          FromAgent.newBuilder().setHello(Hello.newBuilder().setDevice("neighbour")).build());
      assertThat(((StatusRuntimeException) agent.end()).getStatus().getCode())
          .as("the end that the device asked for, not its connection's")
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void aBackupThatWasGivenUpDoesNotSpoilTheNext() throws Exception {
    for (int i = 0; i < 10; i++) {
      ClientCall<ByteString, ByteString> call = raw(OperationsGrpc.getBackupMethod());
      call.start(new ClientCall.Listener<>() {}, new Metadata());
      call.sendMessage(ByteString.EMPTY);
      call.halfClose();
      call.cancel("given up", null);
      Status next = end(OperationsGrpc.getBackupMethod(), List.of(ByteString.EMPTY));
      assertThat(next.getCode())
          .as(next.toString())
          .isIn(Status.Code.OK, Status.Code.RESOURCE_EXHAUSTED);
    }
  }
}
