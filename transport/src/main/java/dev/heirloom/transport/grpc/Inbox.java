package dev.heirloom.transport.grpc;

import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Where gRPC puts what arrives on a call. Holds no more messages than were asked for. */
final class Inbox<T> implements StreamObserver<T> {

  /** How the peer ended the call; the failure is absent where it completed. */
  record End(Optional<Throwable> failure) {}

  private final Queue<T> messages = new ConcurrentLinkedQueue<>();
  private final CallBell bell;
  private volatile @Nullable End end;

  Inbox(CallBell bell) {
    this.bell = bell;
  }

  @Override
  public void onNext(T value) {
    messages.add(value);
    bell.ring();
  }

  @Override
  public void onError(Throwable failure) {
    end = new End(Optional.of(failure));
    bell.ring();
  }

  @Override
  public void onCompleted() {
    end = new End(Optional.empty());
    bell.ring();
  }

  /** The oldest message, if there is one. */
  @Nullable T take() {
    return messages.poll();
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  /** How the call ended; messages that came before may still be here. */
  @Nullable End end() {
    return end;
  }
}
