package dev.heirloom.transport.grpc;

import io.grpc.Status;
import io.grpc.stub.CallStreamObserver;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.SinkShape;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.jspecify.annotations.Nullable;

/**
 * A sink that writes into a call. It asks upstream for one element at a time and only while the
 * call is ready, so a stalled peer costs at most the element in hand beside what gRPC itself has
 * buffered. Materialised once.
 */
final class OutboundStage<T> extends GraphStage<SinkShape<T>> {
  private final Inlet<T> in = Inlet.create("GrpcOutbound.in");
  private final SinkShape<T> shape = SinkShape.of(in);
  private final CallStreamObserver<T> call;
  private final CallBell bell;

  /** The bell rings when the call becomes ready and when it ends. */
  OutboundStage(CallStreamObserver<T> call, CallBell bell) {
    this.call = call;
    this.bell = bell;
  }

  @Override
  public SinkShape<T> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes inheritedAttributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private @Nullable T held;
    private boolean closed;

    Logic() {
      super(shape);
      setHandler(
          in,
          new AbstractInHandler() {
            @Override
            public void onPush() {
              held = grab(in);
              advance();
            }

            @Override
            public void onUpstreamFinish() {
              advance();
            }

            @Override
            public void onUpstreamFailure(Throwable failure) {
              close(failure);
              completeStage();
            }
          });
    }

    @Override
    public void preStart() {
      AsyncCallback<CallBell> rung = createAsyncCallback(b -> advance());
      bell.answer(() -> rung.invoke(bell));
      // An upstream that finished while an element is held must not take the stage with it.
      setKeepGoing(true);
      advance();
    }

    private void advance() {
      if (bell.ended()) {
        closed = true;
        cancelStage(Status.CANCELLED.withDescription("the call has ended").asException());
        return;
      }
      T element = held;
      if (element != null && call.isReady()) {
        held = null;
        call.onNext(element);
      }
      if (held != null) {
        return;
      }
      if (isClosed(in)) {
        close(null);
        completeStage();
      } else if (!hasBeenPulled(in) && call.isReady()) {
        pull(in);
      }
    }

    private void close(@Nullable Throwable failure) {
      if (closed || bell.ended()) {
        return;
      }
      closed = true;
      if (failure == null) {
        call.onCompleted();
      } else {
        call.onError(
            Status.fromThrowable(failure)
                .asRuntimeException(Status.trailersFromThrowable(failure)));
      }
    }

    @Override
    public void postStop() {
      close(Status.UNAVAILABLE.withDescription("shutting down").asException());
    }
  }
}
