package dev.heirloom.edge.serving;

import dev.heirloom.edge.serving.ServingQueue.Answer;
import dev.heirloom.edge.serving.ServingQueue.NotWantedException;
import dev.heirloom.edge.serving.ServingQueue.Request;
import dev.heirloom.edge.serving.ServingQueue.Submission;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.inference.ModelMetadataRequest;
import dev.heirloom.proto.inference.ModelMetadataResponse;
import dev.heirloom.proto.inference.ModelReadyRequest;
import dev.heirloom.proto.inference.ModelReadyResponse;
import dev.heirloom.proto.inference.ModelStreamInferResponse;
import dev.heirloom.proto.inference.ServerLiveRequest;
import dev.heirloom.proto.inference.ServerLiveResponse;
import dev.heirloom.proto.inference.ServerMetadataRequest;
import dev.heirloom.proto.inference.ServerMetadataResponse;
import dev.heirloom.proto.inference.ServerReadyRequest;
import dev.heirloom.proto.inference.ServerReadyResponse;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** The Open Inference Protocol over the heirs in service; a model's name is its family's. */
final class InferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private final Berths berths;
  private final String version;

  /**
   * @param version the agent's
   */
  InferenceService(Berths berths, String version) {
    this.berths = berths;
    this.version = version;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> call) {
    answer(call, ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> call) {
    boolean ready = berths.ready();
    answer(call, ServerReadyResponse.newBuilder().setReady(ready).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> call) {
    if (!berths.serving()) {
      answer(call, ModelReadyResponse.newBuilder().setReady(false).build());
      return;
    }
    try {
      heir(berth(request.getName()), request.getVersion());
      answer(call, ModelReadyResponse.newBuilder().setReady(true).build());
    } catch (StatusException e) {
      call.onError(e);
    }
  }

  @Override
  public void serverMetadata(
      ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> call) {
    answer(
        call,
        ServerMetadataResponse.newBuilder().setName("heirloom-agent").setVersion(version).build());
  }

  @Override
  public void modelMetadata(
      ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> call) {
    try {
      Heir heir = heir(berth(request.getName()), request.getVersion());
      ModelMetadataResponse.Builder response =
          ModelMetadataResponse.newBuilder()
              .setName(heir.identity().family())
              .addVersions(heir.identity().version())
              .setPlatform("onnxruntime_onnx");
      heir.inputs().forEach(spec -> response.addInputs(metadata(spec)));
      heir.outputs().forEach(spec -> response.addOutputs(metadata(spec)));
      answer(call, response.build());
    } catch (StatusException e) {
      call.onError(e);
    }
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> call) {
    infer(request, Context.current())
        .whenComplete(
            (response, failure) -> {
              if (failure == null) {
                answer(call, response);
              } else {
                call.onError(failure);
              }
            });
  }

  @Override
  public StreamObserver<ModelInferRequest> modelStreamInfer(
      StreamObserver<ModelStreamInferResponse> call) {
    Context context = Context.current();
    return InferenceStream.open(
        (ServerCallStreamObserver<ModelStreamInferResponse>) call,
        request -> infer(request, context));
  }

  /**
   * Answers a request.
   *
   * @param context of the call; where it ends, the request is not run any more
   * @return fails with a {@link StatusException}
   */
  private CompletableFuture<ModelInferResponse> infer(ModelInferRequest request, Context context) {
    CompletableFuture<ModelInferResponse> response = new CompletableFuture<>();
    try {
      Berth berth = berth(request.getModelName());
      Request asked = request(request, heir(berth, request.getModelVersion()), context);
      Submission submission = berth.queue().submit(asked);
      if (submission instanceof Submission.Rejected rejected) {
        throw Status.RESOURCE_EXHAUSTED.withDescription(rejected.reason()).asException();
      }
      ((Submission.Accepted) submission)
          .answer()
          .whenComplete(
              (answer, failure) -> {
                if (failure == null) {
                  response.complete(response(request, answer));
                } else {
                  response.completeExceptionally(status(failure, berth, context));
                }
              });
    } catch (StatusException e) {
      response.completeExceptionally(e);
    } catch (MalformedException e) {
      response.completeExceptionally(
          Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException());
    }
    return response;
  }

  private Berth berth(String model) throws StatusException {
    return berths.of(model, "model_name");
  }

  private static Heir heir(Berth berth, String wantedVersion) throws StatusException {
    Optional<Heir> heir = berth.inService().heir();
    if (heir.isEmpty()) {
      throw Status.UNAVAILABLE.withDescription("no heir is in service yet").asException();
    }
    String version = heir.get().identity().version();
    if (!wantedVersion.isEmpty() && !wantedVersion.equals(version)) {
      throw Status.NOT_FOUND
          .withDescription("model_version: '%s' (in service: %s)".formatted(wantedVersion, version))
          .asException();
    }
    return heir.get();
  }

  private static Request request(ModelInferRequest request, Heir heir, Context context)
      throws MalformedException {
    Map<String, TensorValue> inputs = TensorCodec.inputs(request, heir.inputs());
    return new Request(
        request.getId(),
        inputs,
        TensorCodec.outputs(request, heir.outputs()),
        request.getSerializedSize(),
        true,
        () -> !over(context));
  }

  private static ModelInferResponse response(ModelInferRequest request, Answer answer) {
    ModelInferResponse.Builder response =
        ModelInferResponse.newBuilder()
            .setModelName(answer.heir().family())
            .setModelVersion(answer.heir().version())
            .setId(request.getId());
    TensorCodec.write(answer.outputs(), request.getRawInputContentsCount() > 0, response);
    return response.build();
  }

  private static boolean over(Context context) {
    Deadline deadline = context.getDeadline();
    return context.isCancelled() || (deadline != null && deadline.isExpired());
  }

  /**
   * A request that nobody waited for any more counts as failed: a client whose deadline passes
   * takes its request back, and a device that is too slow must not look fast.
   */
  private static StatusException status(Throwable failure, Berth berth, Context context) {
    Throwable cause = failure.getCause();
    Throwable said = failure instanceof CompletionException && cause != null ? cause : failure;
    if (!(said instanceof NotWantedException)) {
      return Status.UNAVAILABLE.withDescription(said.getMessage()).withCause(said).asException();
    }
    berth.inService().tenure().ifPresent(tenure -> tenure.recorder().failed());
    Deadline deadline = context.getDeadline();
    return deadline != null && deadline.isExpired()
        ? Status.DEADLINE_EXCEEDED
            .withDescription("the deadline passed while the request waited")
            .asException()
        : Status.CANCELLED.withDescription("the client took it back").asException();
  }

  private static ModelMetadataResponse.TensorMetadata metadata(TensorSpec spec) {
    return ModelMetadataResponse.TensorMetadata.newBuilder()
        .setName(spec.name())
        .setDatatype(TensorCodec.datatype(spec.type()))
        .addAllShape(List.copyOf(spec.dims()))
        .build();
  }

  private static <T> void answer(StreamObserver<T> call, T message) {
    call.onNext(message);
    call.onCompleted();
  }
}
