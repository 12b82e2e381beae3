package dev.heirloom.transport.grpc;

import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where gRPC puts what arrives on a call. Holds one message: no more than one is ever asked for.
 */
final class Inbox<T> implements StreamObserver<T> {

  /** How the peer ended the call; the failure is absent where it completed. */
  record End(Optional<Throwable> failure) {}

  private final AtomicReference<@Nullable T> message = new AtomicReference<>();
  private final CallBell bell;
  private volatile @Nullable End end;

  Inbox(CallBell bell) {
    this.bell = bell;
  }

  @Override
  public void onNext(T value) {
    message.set(value);
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

  @Nullable T take() {
    return message.getAndSet(null);
  }

  @Nullable End end() {
    return end;
  }
}
