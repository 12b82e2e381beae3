package dev.heirloom.transport.grpc;

import dev.heirloom.transport.grpc.RequestGuard.Received;
import io.grpc.ServerCall;
import io.grpc.Status;

/**
 * Hears a call before its service does, and keeps from the service what is no request of it. To the
 * service, a call that was ended here is a call that was cancelled.
 */
final class HeardListener<I, O> extends ServerCall.Listener<Received<I>> {
  private final HeardCall<I, O> call;
  private final ServerCall.Listener<I> service;
  private boolean message;

  HeardListener(HeardCall<I, O> call, ServerCall.Listener<I> service) {
    this.call = call;
    this.service = service;
  }

  @Override
  public void onMessage(Received<I> received) {
    if (call.endedHere()) {
      return;
    }
    if (received instanceof Received.Unsound<I> unsound) {
      call.refuse(unsound.fault(), unsound.status());
      return;
    }
    if (call.takesOne() && message) {
      call.refuse(
          RequestFault.SECOND,
          Status.INVALID_ARGUMENT.withDescription("message: a second one (expected: one)"));
      return;
    }
    message = true;
    if (!call.takesOne()) {
      call.heard();
    }
    service.onMessage(((Received.Sound<I>) received).message());
  }

  @Override
  public void onHalfClose() {
    if (call.endedHere()) {
      return;
    }
    if (call.takesOne() && !message) {
      call.refuse(
          RequestFault.MISSING,
          Status.INVALID_ARGUMENT.withDescription("message: missing (expected: one)"));
      return;
    }
    call.heard();
    service.onHalfClose();
  }

  @Override
  public void onReady() {
    if (!call.endedHere()) {
      service.onReady();
    }
  }

  @Override
  public void onCancel() {
    call.heard();
    service.onCancel();
  }

  @Override
  public void onComplete() {
    call.heard();
    if (call.endedHere()) {
      service.onCancel();
    } else {
      service.onComplete();
    }
  }
}
