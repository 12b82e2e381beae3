package dev.heirloom.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.inference.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class InferenceStreamTest {

  /** What a stream asks of its call, and a client that takes answers or does not. */
  private static final class Call extends ServerCallStreamObserver<ModelStreamInferResponse> {
    private final List<String> given = new ArrayList<>();
    private int requested;
    private boolean ready = true;
    private boolean automatic = true;
    private boolean completed;
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};

    @Override
    public void onNext(ModelStreamInferResponse answer) {
      assertThat(ready).isTrue();
      given.add(answer.getInferResponse().getId() + answer.getErrorMessage());
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError("a stream does not end by a failure", failure);
    }

    @Override
    public void onCompleted() {
      completed = true;
    }

    @Override
    public boolean isReady() {
      return ready;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void request(int count) {
      requested += count;
    }

    @Override
    public void disableAutoRequest() {
      automatic = false;
    }

    @Override
    public void disableAutoInboundFlowControl() {
      automatic = false;
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void setCompression(String compression) {}
  }

  private final Call call = new Call();
  private final List<CompletableFuture<ModelInferResponse>> asked = new ArrayList<>();
  private final InferenceStream stream =
      InferenceStream.open(
          call,
          request -> {
            CompletableFuture<ModelInferResponse> answer = new CompletableFuture<>();
            asked.add(answer);
            return answer;
          });

  private void send(String id) {
    stream.onNext(ModelInferRequest.newBuilder().setId(id).build());
  }

  private void answer(int request, String id) {
    asked.get(request).complete(ModelInferResponse.newBuilder().setId(id).build());
  }

  @Test
  void holdsAFixedNumberOfRequests() {
    assertThat(call.automatic).isFalse();
    assertThat(call.requested).isEqualTo(InferenceStream.MOST_HELD);
    send("a");
    send("b");
    assertThat(call.requested).isEqualTo(InferenceStream.MOST_HELD);
    answer(0, "a");
    assertThat(call.requested).isEqualTo(InferenceStream.MOST_HELD + 1);
  }

  @Test
  void answersInTheOrderOfTheRequests() {
    send("a");
    send("b");
    send("c");
    answer(2, "c");
    asked
        .get(1)
        .completeExceptionally(Status.INVALID_ARGUMENT.withDescription(": is wrong").asException());
    assertThat(call.given).isEmpty();
    answer(0, "a");
    assertThat(call.given).containsExactly("a", "b: is wrong", "c");
  }

  @Test
  void aClientThatTakesNothingIsAskedForNothing() {
    call.ready = false;
    send("a");
    send("b");
    answer(0, "a");
    answer(1, "b");
    assertThat(call.given).isEmpty();
    assertThat(call.requested).isEqualTo(InferenceStream.MOST_HELD);
    call.ready = true;
    call.onReady.run();
    assertThat(call.given).containsExactly("a", "b");
    assertThat(call.requested).isEqualTo(InferenceStream.MOST_HELD + 2);
  }

  @Test
  void endsAfterTheLastAnswer() {
    send("a");
    stream.onCompleted();
    assertThat(call.completed).isFalse();
    answer(0, "a");
    assertThat(call.given).containsExactly("a");
    assertThat(call.completed).isTrue();
  }

  @Test
  void anEmptyStreamEndsAtOnce() {
    stream.onCompleted();
    assertThat(call.completed).isTrue();
  }

  @Test
  void saysNothingMoreAfterTheClientLeft() {
    send("a");
    call.onCancel.run();
    answer(0, "a");
    send("b");
    stream.onCompleted();
    assertThat(asked).hasSize(1);
    assertThat(call.given).isEmpty();
    assertThat(call.completed).isFalse();
  }
}
