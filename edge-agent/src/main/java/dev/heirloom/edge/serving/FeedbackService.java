package dev.heirloom.edge.serving;

import dev.heirloom.proto.v1.FeedbackGrpc;
import dev.heirloom.proto.v1.LabelRequest;
import dev.heirloom.proto.v1.LabelResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** Takes the labels of earlier requests from local applications. */
final class FeedbackService extends FeedbackGrpc.FeedbackImplBase {
  private final Berths berths;

  FeedbackService(Berths berths) {
    this.berths = berths;
  }

  @Override
  public void label(LabelRequest request, StreamObserver<LabelResponse> call) {
    ServingQueue queue;
    try {
      queue = berth(request.getModel()).queue();
    } catch (StatusException e) {
      call.onError(e);
      return;
    }
    if (request.getRequestId().isEmpty()) {
      call.onError(Status.INVALID_ARGUMENT.withDescription("request_id: empty").asException());
      return;
    }
    boolean known;
    try {
      known = queue.label(request.getRequestId(), request.getLabelsList()).isPresent();
    } catch (IllegalArgumentException e) {
      call.onError(
          Status.INVALID_ARGUMENT.withDescription("labels: " + e.getMessage()).asException());
      return;
    }
    call.onNext(LabelResponse.newBuilder().setKnown(known).build());
    call.onCompleted();
  }

  /** The model need not be named where there is one only. */
  private Berth berth(String model) throws StatusException {
    Optional<Berth> only = berths.only();
    return model.isEmpty() && only.isPresent() ? only.get() : berths.of(model, "model");
  }
}
