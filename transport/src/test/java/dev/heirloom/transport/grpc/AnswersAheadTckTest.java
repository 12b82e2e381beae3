package dev.heirloom.transport.grpc;

import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.testng.annotations.AfterClass;

/** {@link GrpcStreams#call} that asks ahead, as a publisher. */
public final class AnswersAheadTckTest extends PublisherVerification<Long> {
  private final VerifiedCalls calls = new VerifiedCalls();

  public AnswersAheadTckTest() {
    super(VerifiedCalls.environment());
  }

  @Override
  public Publisher<Long> createPublisher(long elements) {
    return calls.answers(elements, 8);
  }

  @Override
  public Publisher<Long> createFailedPublisher() {
    return calls.failedAnswer(8);
  }

  @AfterClass
  void close() {
    calls.close();
  }
}
