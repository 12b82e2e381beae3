package dev.heirloom.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.edge.fixture.OpenHeirs;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.inference.InferTensorContents;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.inference.ModelMetadataRequest;
import dev.heirloom.proto.inference.ModelMetadataResponse;
import dev.heirloom.proto.inference.ModelReadyRequest;
import dev.heirloom.proto.inference.ModelStreamInferResponse;
import dev.heirloom.proto.inference.ServerLiveRequest;
import dev.heirloom.proto.inference.ServerMetadataRequest;
import dev.heirloom.proto.inference.ServerReadyRequest;
import dev.heirloom.proto.v1.FeedbackGrpc;
import dev.heirloom.proto.v1.LabelRequest;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.transport.grpc.RequestFault;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The local server over a real socket, as an existing client of the Open Inference Protocol sees
 * it.
 */
@Timeout(30)
class LocalServerTest {
  private final Path directory;

  private final SmallFamily family = SmallFamily.create();
  private final InService inService = new InService();
  private final ServingQueue queue = new ServingQueue(inService, System::nanoTime);
  private final Queue<RequestFault> faults = new ConcurrentLinkedQueue<>();
  private final LocalServer server = server();
  private final ManagedChannel channel =
      NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  private final GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub =
      GRPCInferenceServiceGrpc.newBlockingStub(channel);

  LocalServerTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private LocalServer server() {
    try {
      return LocalServer.start(
          0, new Berths(List.of(new Berth(inService, queue))), "test", faults::add);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void serve() throws Exception {
    try (OpenHeirs heirs = new OpenHeirs(family, directory)) {
      inService.swap(heirs.tenure(3));
    }
    server.ready();
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    server.close();
    queue.close();
    inService.clear().ifPresent(Tenure::retire);
  }

  private static ModelInferRequest.Builder request() {
    return ModelInferRequest.newBuilder().setModelName("small").setId("r1");
  }

  private static ModelInferRequest.InferInputTensor.Builder x(long... shape) {
    ModelInferRequest.InferInputTensor.Builder tensor =
        ModelInferRequest.InferInputTensor.newBuilder().setName("x").setDatatype("FP32");
    for (long dim : shape) {
      tensor.addShape(dim);
    }
    return tensor;
  }

  private static InferTensorContents floats(int count) {
    return InferTensorContents.newBuilder()
        .addAllFp32Contents(Collections.nCopies(count, 0.5f))
        .build();
  }

  private static ByteString raw(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(0.5f);
    }
    return ByteString.copyFrom(bytes.flip());
  }

  private static void assertRefused(ThrowingCallable call, String... said) {
    assertThatThrownBy(call)
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContainingAll(said);
  }

  @Test
  void typedAndRawContentsGiveTheSameAnswer() {
    ModelInferResponse typed =
        stub.modelInfer(request().addInputs(x(2, 12).setContents(floats(24))).build());
    assertThat(typed.getModelName()).isEqualTo("small");
    assertThat(typed.getModelVersion()).endsWith("-3");
    assertThat(typed.getId()).isEqualTo("r1");
    assertThat(typed.getOutputs(0).getName()).isEqualTo("y");
    assertThat(typed.getOutputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(typed.getOutputs(0).getShapeList()).containsExactly(2L, 4L);
    assertThat(typed.getRawOutputContentsCount()).isZero();
    ModelInferResponse raw =
        stub.modelInfer(
            request()
                .addInputs(x(2, 12))
                .addRawInputContents(raw(24))
                .addOutputs(ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("y"))
                .build());
    ByteBuffer bytes =
        raw.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    for (float value : typed.getOutputs(0).getContents().getFp32ContentsList()) {
      assertThat(bytes.getFloat()).isEqualTo(value);
    }
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void saysWhatItServes() {
    assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
    assertThat(stub.modelReady(ModelReadyRequest.newBuilder().setName("small").build()).getReady())
        .isTrue();
    assertThat(stub.serverMetadata(ServerMetadataRequest.getDefaultInstance()).getVersion())
        .isEqualTo("test");
    ModelMetadataResponse model =
        stub.modelMetadata(ModelMetadataRequest.newBuilder().setName("small").build());
    assertThat(model.getInputs(0).getName()).isEqualTo("x");
    assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L, 12L);
    assertThat(model.getOutputs(0).getShapeList()).containsExactly(-1L, 4L);
    assertThat(
            HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void unknownModelsAndVersionsAreNotFound() {
    assertRefused(
        () -> stub.modelInfer(request().setModelName("other").build()), "NOT_FOUND", "'other'");
    assertRefused(
        () -> stub.modelInfer(request().setModelVersion("9").build()), "NOT_FOUND", "'9'");
    assertRefused(
        () -> stub.modelReady(ModelReadyRequest.newBuilder().setName("other").build()),
        "NOT_FOUND");
    assertRefused(
        () -> stub.modelMetadata(ModelMetadataRequest.newBuilder().setName("other").build()),
        "NOT_FOUND");
  }

  @Test
  void wrongInputsAreRefusedWithTheFieldsName() {
    assertRefused(() -> stub.modelInfer(request().build()), "INVALID_ARGUMENT", "inputs: no 'x'");
    assertRefused(
        () -> stub.modelInfer(request().addInputs(x(1, 12).setName("z")).build()),
        "INVALID_ARGUMENT",
        "inputs[0].name: 'z'");
    assertRefused(
        () ->
            stub.modelInfer(
                request().addInputs(x(1, 12).setDatatype("INT64").setContents(floats(12))).build()),
        "INVALID_ARGUMENT",
        "inputs[0].datatype: 'INT64' (expected: FP32)");
    assertRefused(
        () -> stub.modelInfer(request().addInputs(x(1, 13).setContents(floats(13))).build()),
        "INVALID_ARGUMENT",
        "inputs[0].shape: [1, 13]");
    assertRefused(
        () -> stub.modelInfer(request().addInputs(x(0, 12).setContents(floats(0))).build()),
        "inputs[0].shape");
    assertRefused(
        () -> stub.modelInfer(request().addInputs(x(12).setContents(floats(12))).build()),
        "inputs[0].shape");
    assertRefused(
        () -> stub.modelInfer(request().addInputs(x(1L << 40, 12)).build()),
        "inputs[0].shape",
        "elements");
    assertRefused(
        () -> stub.modelInfer(request().addInputs(x(1, 12).setContents(floats(11))).build()),
        "inputs[0].contents.fp32_contents: 11 values (expected: 12)");
    assertRefused(
        () -> stub.modelInfer(request().addInputs(x(1, 12)).addRawInputContents(raw(11)).build()),
        "raw_input_contents[0]: 44 bytes (expected: 48)");
    assertRefused(
        () ->
            stub.modelInfer(
                request()
                    .addInputs(x(1, 12))
                    .addRawInputContents(raw(12))
                    .addRawInputContents(raw(12))
                    .build()),
        "raw_input_contents: 2 entries");
    assertRefused(
        () ->
            stub.modelInfer(
                request()
                    .addInputs(x(1, 12).setContents(floats(12)))
                    .addInputs(x(1, 12).setContents(floats(12)))
                    .build()),
        "inputs[1].name: 'x' is given twice");
    assertRefused(
        () ->
            stub.modelInfer(
                request()
                    .addInputs(x(1, 12).setContents(floats(12)))
                    .addOutputs(
                        ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName("w"))
                    .build()),
        "outputs[0].name: 'w'");
  }

  @Test
  void aStreamAnswersInOrderAndGoesOnAfterAnError() throws Exception {
    List<ModelStreamInferResponse> answers = new ArrayList<>();
    CompletableFuture<List<ModelStreamInferResponse>> ended = new CompletableFuture<>();
    StreamObserver<ModelInferRequest> requests =
        GRPCInferenceServiceGrpc.newStub(channel)
            .modelStreamInfer(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ModelStreamInferResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    ended.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {
                    ended.complete(answers);
                  }
                });
    for (int i = 0; i < 30; i++) {
      // Each fifth is wrong, each seventh for nobody.
      requests.onNext(
          request()
              .setId("s" + i)
              .setModelName(i % 7 == 3 ? "other" : "small")
              .addInputs(x(1, 12).setContents(floats(i % 5 == 4 ? 11 : 12)))
              .build());
    }
    requests.onCompleted();
    assertThat(ended.get()).hasSize(30);
    for (int i = 0; i < 30; i++) {
      ModelStreamInferResponse answer = answers.get(i);
      assertThat(answer.getInferResponse().getId()).isEqualTo("s" + i);
      if (i % 7 == 3) {
        assertThat(answer.getErrorMessage()).startsWith("model_name: 'other'");
      } else if (i % 5 == 4) {
        assertThat(answer.getErrorMessage())
            .isEqualTo("inputs[0].contents.fp32_contents: 11 values (expected: 12)");
      } else {
        assertThat(answer.getErrorMessage()).isEmpty();
        assertThat(answer.getInferResponse().getOutputs(0).getShapeList()).containsExactly(1L, 4L);
      }
    }
  }

  @Test
  void aRequestWhoseDeadlinePassedInTheQueueIsNotRun() throws Exception {
    // Connected before, so that the deadline is not spent on that.
    assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    CountDownLatch hold = new CountDownLatch(1);
    ServingQueue.Request blocker =
        new ServingQueue.Request(
            "",
            Map.of(),
            List.of(),
            0,
            false,
            () -> {
              awaitUninterrupted(hold);
              return false;
            });
    queue.submit(blocker);
    assertRefused(
        () ->
            stub.withDeadlineAfter(300, TimeUnit.MILLISECONDS)
                .modelInfer(request().addInputs(x(1, 12).setContents(floats(12))).build()),
        "DEADLINE_EXCEEDED");
    // Over the same connection, so that the server has read by then that the client gave up.
    assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    hold.countDown();
    // Served after what waited before it.
    stub.modelInfer(request().addInputs(x(1, 12).setContents(floats(12))).build());
    Window window = inService.tenure().orElseThrow().recorder().roll(0, 0).build();
    assertThat(window.getRequest().getCount()).isEqualTo(1);
    assertThat(window.getErrors()).isEqualTo(1);
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void labelsComeAfterTheFact() {
    FeedbackGrpc.FeedbackBlockingStub feedback = FeedbackGrpc.newBlockingStub(channel);
    stub.modelInfer(request().addInputs(x(2, 12).setContents(floats(24))).build());
    LabelRequest.Builder label =
        LabelRequest.newBuilder().setModel("small").setRequestId("r1").addLabels(1).addLabels(2);
    assertThat(feedback.label(label.build()).getKnown()).isTrue();
    assertThat(feedback.label(label.build()).getKnown()).isFalse();
    assertThat(inService.tenure().orElseThrow().recorder().roll(0, 0).getLabelled()).isEqualTo(2);
    stub.modelInfer(request().addInputs(x(2, 12).setContents(floats(24))).build());
    assertRefused(
        () -> feedback.label(label.clearLabels().addLabels(1).build()),
        "INVALID_ARGUMENT",
        "labels: 1 labels (expected: 2)");
    assertRefused(() -> feedback.label(label.setRequestId("").build()), "request_id: empty");
    assertRefused(() -> feedback.label(label.setModel("other").build()), "NOT_FOUND");
  }

  @Test
  void withoutAnHeirItIsLiveButNotReady() {
    inService.clear().ifPresent(Tenure::retire);
    assertThat(stub.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isFalse();
    assertThat(stub.modelReady(ModelReadyRequest.newBuilder().setName("small").build()).getReady())
        .isFalse();
    assertRefused(() -> stub.modelInfer(request().build()), "UNAVAILABLE");
  }
}
