package dev.heirloom.transport.grpc;

import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.SourceShape;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.jspecify.annotations.Nullable;

/**
 * A source of what arrives on a call. It asks the peer for a few messages at first and for one more
 * with each that is taken, so a slow stream holds its peer back. Materialised once.
 */
final class InboundStage<T> extends GraphStage<SourceShape<T>> {
  private final Outlet<T> out = Outlet.create("GrpcInbound.out");
  private final SourceShape<T> shape = SourceShape.of(out);
  private final Inbox<T> inbox;
  private final CallBell bell;
  private final IntConsumer request;
  private final int ahead;
  private final Consumer<Throwable> cancel;

  /**
   * The bell rings for what arrives.
   *
   * @param request asks the peer for so many more messages
   * @param ahead messages that are asked for before they are wanted; 0 for none
   * @param cancel is told why when the stream is given up before its end
   */
  InboundStage(
      Inbox<T> inbox, CallBell bell, IntConsumer request, int ahead, Consumer<Throwable> cancel) {
    this.inbox = inbox;
    this.bell = bell;
    this.request = request;
    this.ahead = ahead;
    this.cancel = cancel;
  }

  @Override
  public SourceShape<T> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes inheritedAttributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private boolean over;

    Logic() {
      super(shape);
      setHandler(
          out,
          new AbstractOutHandler() {
            @Override
            public void onPull() {
              request.accept(1);
              advance();
            }

            @Override
            public void onDownstreamFinish(Throwable cause) {
              giveUp(cause);
              cancelStage(cause);
            }
          });
    }

    @Override
    public void preStart() {
      AsyncCallback<CallBell> rung = createAsyncCallback(b -> advance());
      bell.answer(() -> rung.invoke(bell));
      if (ahead > 0) {
        request.accept(ahead);
      }
      advance();
    }

    private void advance() {
      if (over) {
        return;
      }
      // The end is read first: a message that precedes it is then sure to be seen.
      Inbox.@Nullable End end = inbox.end();
      if (isAvailable(out)) {
        T message = inbox.take();
        if (message != null) {
          push(out, message);
        }
      }
      if (end != null && inbox.isEmpty()) {
        over = true;
        end.failure().ifPresentOrElse(this::failStage, this::completeStage);
      }
    }

    private void giveUp(Throwable cause) {
      if (!over) {
        over = true;
        cancel.accept(cause);
      }
    }

    @Override
    public void postStop() {
      giveUp(new IllegalStateException("the stream was stopped"));
    }
  }
}
