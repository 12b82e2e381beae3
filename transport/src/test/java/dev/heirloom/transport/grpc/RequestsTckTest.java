package dev.heirloom.transport.grpc;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.testng.annotations.AfterClass;

/** {@link GrpcStreams#inbound} as a publisher. */
public final class RequestsTckTest extends PublisherVerification<Long> {
  private final VerifiedCalls calls = new VerifiedCalls();

  public RequestsTckTest() {
    super(VerifiedCalls.environment());
  }

  @Override
  public Publisher<Long> createPublisher(long elements) {
    return calls.requests(elements);
  }

  /** A call exists only once it has been made: it cannot have failed before. */
  @Override
  public @Nullable Publisher<Long> createFailedPublisher() {
    return null;
  }

  @AfterClass
  void close() {
    calls.close();
  }
}
