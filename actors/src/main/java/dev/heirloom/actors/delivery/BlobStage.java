package dev.heirloom.actors.delivery;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.SourceShape;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;

/**
 * A source that reads a piece when it is asked for one and its turn has come. Not {@code
 * Source.unfoldResource}: that is set apart from what follows it, behind a buffer of sixteen pieces
 * that a reader which has stalled would keep filled.
 */
final class BlobStage extends GraphStage<SourceShape<Piece>> {
  private final Outlet<Piece> out = Outlet.create("BlobStage.out");
  private final SourceShape<Piece> shape = SourceShape.of(out);
  private final Supplier<BlobReader> blobs;
  private final Supplier<EgressLimit.Share> shares;

  BlobStage(Supplier<BlobReader> blobs, Supplier<EgressLimit.Share> shares) {
    this.blobs = blobs;
    this.shares = shares;
  }

  @Override
  public SourceShape<Piece> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes inheritedAttributes) {
    return new Logic();
  }

  private final class Logic extends GraphStageLogic {
    private final BlobReader reader = blobs.get();
    private final EgressLimit.Share share = shares.get();

    Logic() {
      super(shape);
      setHandler(
          out,
          new AbstractOutHandler() {
            @Override
            public void onPull() throws IOException {
              CompletionStage<Done> turn = share.turn(reader.nextBytes());
              if (turn.toCompletableFuture().isDone()) {
                give();
              } else {
                AsyncCallback<Done> come = createAsyncCallback(done -> give());
                turn.thenAccept(come::invoke);
              }
            }
          });
    }

    private void give() throws IOException {
      Optional<Piece> piece = reader.next();
      if (piece.isPresent()) {
        push(out, piece.get());
      } else {
        complete(out);
      }
    }

    @Override
    public void postStop() throws IOException {
      share.close();
      reader.close();
    }
  }
}
