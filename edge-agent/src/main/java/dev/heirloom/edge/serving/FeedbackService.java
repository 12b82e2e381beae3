package dev.heirloom.edge.serving;

import dev.heirloom.edge.slot.Heir;
import dev.heirloom.proto.v1.FeedbackGrpc;
import dev.heirloom.proto.v1.LabelRequest;
import dev.heirloom.proto.v1.LabelResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Optional;

/** Takes the labels of earlier requests from local applications. */
final class FeedbackService extends FeedbackGrpc.FeedbackImplBase {
  private final InService inService;
  private final ServingQueue queue;

  FeedbackService(InService inService, ServingQueue queue) {
    this.inService = inService;
    this.queue = queue;
  }

  @Override
  public void label(LabelRequest request, StreamObserver<LabelResponse> call) {
    Optional<String> family = inService.heir().map(Heir::identity).map(heir -> heir.family());
    if (!request.getModel().isEmpty() && !family.equals(Optional.of(request.getModel()))) {
      call.onError(
          Status.NOT_FOUND
              .withDescription(
                  "model: '%s' (expected: %s)"
                      .formatted(request.getModel(), family.orElse("none is in service yet")))
              .asException());
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
}
