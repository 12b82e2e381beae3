package dev.heirloom.transport.grpc;

import org.reactivestreams.Publisher;
import org.reactivestreams.tck.PublisherVerification;
import org.testng.annotations.AfterClass;

/** {@link GrpcStreams#call} as a publisher. */
public final class AnswersTckTest extends PublisherVerification<Long> {
  private final VerifiedCalls calls = new VerifiedCalls();

  public AnswersTckTest() {
    super(VerifiedCalls.environment());
  }

  @Override
  public Publisher<Long> createPublisher(long elements) {
    return calls.answers(elements, 0);
  }

  @Override
  public Publisher<Long> createFailedPublisher() {
    return calls.failedAnswer(0);
  }

  @AfterClass
  void close() {
    calls.close();
  }
}
