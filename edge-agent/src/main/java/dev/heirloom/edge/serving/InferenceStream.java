package dev.heirloom.edge.serving;

import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.inference.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * One stream of requests, answered in their order. It takes a request only when it holds fewer than
 * {@link #MOST_HELD}, and gives an answer only when the client takes it: a slow client costs no
 * more. A request that fails is answered with what was wrong, and the stream goes on.
 */
final class InferenceStream implements StreamObserver<ModelInferRequest> {
  /** Requests without an answer, and answers that the client has not taken. */
  static final int MOST_HELD = 8;

  private final ServerCallStreamObserver<ModelStreamInferResponse> call;
  private final Function<ModelInferRequest, CompletionStage<ModelInferResponse>> infer;
  private final Deque<CompletableFuture<ModelStreamInferResponse>> held = new ArrayDeque<>();
  private boolean clientDone;
  private boolean ended;

  private InferenceStream(
      ServerCallStreamObserver<ModelStreamInferResponse> call,
      Function<ModelInferRequest, CompletionStage<ModelInferResponse>> infer) {
    this.call = call;
    this.infer = infer;
  }

  /**
   * Begins a stream; to be called before the service method returns.
   *
   * @param infer fails with a {@link io.grpc.StatusException}
   */
  static InferenceStream open(
      ServerCallStreamObserver<ModelStreamInferResponse> call,
      Function<ModelInferRequest, CompletionStage<ModelInferResponse>> infer) {
    InferenceStream stream = new InferenceStream(call, infer);
    call.disableAutoRequest();
    call.setOnReadyHandler(stream::give);
    call.setOnCancelHandler(stream::end);
    call.request(MOST_HELD);
    return stream;
  }

  @Override
  public void onNext(ModelInferRequest request) {
    CompletableFuture<ModelStreamInferResponse> answer = new CompletableFuture<>();
    synchronized (this) {
      if (ended) {
        return;
      }
      held.add(answer);
    }
    infer
        .apply(request)
        .whenComplete(
            (response, failure) -> {
              answer.complete(failure == null ? answered(response) : failed(request, failure));
              give();
            });
  }

  /** Gives the answers that are there, in order, as far as the client takes them. */
  private synchronized void give() {
    while (!ended && !held.isEmpty() && held.element().isDone() && call.isReady()) {
      call.onNext(held.remove().join());
      call.request(1);
    }
    if (!ended && clientDone && held.isEmpty()) {
      ended = true;
      call.onCompleted();
    }
  }

  @Override
  public void onError(Throwable failure) {
    end();
  }

  @Override
  public synchronized void onCompleted() {
    clientDone = true;
    give();
  }

  private synchronized void end() {
    ended = true;
    held.clear();
  }

  private static ModelStreamInferResponse answered(ModelInferResponse response) {
    return ModelStreamInferResponse.newBuilder().setInferResponse(response).build();
  }

  private static ModelStreamInferResponse failed(ModelInferRequest request, Throwable failure) {
    Status status = Status.fromThrowable(failure);
    String said = status.getDescription();
    return ModelStreamInferResponse.newBuilder()
        .setErrorMessage(said == null ? status.getCode().name() : said)
        .setInferResponse(ModelInferResponse.newBuilder().setId(request.getId()))
        .build();
  }
}
