package dev.heirloom.control.grpc;

import dev.heirloom.proto.v1.PublishRequest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Flow;

/** One family on its way in: its manifest, its blobs, and one answer at the end. */
final class PublishFlow {
  static final Duration SILENCE = Duration.ofMinutes(2);

  private static final int MOST_AT_ONCE = 4;

  private final GrpcEndpoint.Ports ports;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);

  PublishFlow(GrpcEndpoint.Ports ports) {
    this.ports = ports;
  }

  /** A flow for one call, which takes one of the places while it runs. */
  Flow<PublishRequest, PublishResponse, NotUsed> flow() {
    if (!places.tryAcquire()) {
      throw Failures.exhausted(
          "concurrent publishes", "at most " + MOST_AT_ONCE + "; try again when one has ended");
    }
    PublishCall call = new PublishCall(ports);
    return Flow.<PublishRequest>create()
        .idleTimeout(SILENCE)
        .foldAsync(
            call, (same, request) -> Blocking.call(ports.blocking(), () -> take(same, request)))
        .mapAsync(1, same -> Blocking.call(ports.blocking(), same::finish))
        .mapError(Throwable.class, Failures::of)
        .watchTermination(
            (notUsed, done) -> {
              done.whenCompleteAsync(
                  (end, failure) -> {
                    // Waits for what is still being checked.
                    call.end();
                    places.release();
                  },
                  ports.blocking());
              return notUsed;
            });
  }

  private static PublishCall take(PublishCall call, PublishRequest request)
      throws IOException, MalformedException {
    switch (request.getMessageCase()) {
      case MANIFEST -> call.begin(request.getManifest(), request.getHold());
      case RELEASE -> call.release(request.getRelease());
      case PIECE -> call.piece(request.getPiece());
      case MESSAGE_NOT_SET -> throw Failures.invalid("message", "empty");
    }
    return call;
  }
}
