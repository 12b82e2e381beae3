package dev.heirloom.transport.grpc;

import org.reactivestreams.Subscriber;
import org.reactivestreams.tck.SubscriberBlackboxVerification;
import org.testng.annotations.AfterClass;

/** What {@link GrpcStreams#serve} writes with, as a subscriber. */
public final class AnsweringTckTest extends SubscriberBlackboxVerification<Long> {
  private final VerifiedCalls calls = new VerifiedCalls();

  public AnsweringTckTest() {
    super(VerifiedCalls.environment());
  }

  @Override
  public Subscriber<Long> createSubscriber() {
    return calls.answering();
  }

  @Override
  public Long createElement(int element) {
    return (long) element;
  }

  @AfterClass
  void close() {
    calls.close();
  }
}
