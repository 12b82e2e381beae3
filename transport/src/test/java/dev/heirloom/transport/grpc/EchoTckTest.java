package dev.heirloom.transport.grpc;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Processor;
import org.reactivestreams.Publisher;
import org.reactivestreams.tck.IdentityProcessorVerification;
import org.testng.annotations.AfterClass;

/** {@link GrpcStreams#flow} to a server that gives back what it gets, as a processor. */
public final class EchoTckTest extends IdentityProcessorVerification<Long> {
  private final VerifiedCalls calls = new VerifiedCalls();
  private final ExecutorService publishers = Executors.newCachedThreadPool();

  public EchoTckTest() {
    super(VerifiedCalls.environment());
  }

  @Override
  public Processor<Long, Long> createIdentityProcessor(int bufferSize) {
    return calls.echo().toProcessor().run(calls.materializer());
  }

  @Override
  public @Nullable Publisher<Long> createFailedPublisher() {
    return null;
  }

  @Override
  public long maxSupportedSubscribers() {
    return 1;
  }

  @Override
  public ExecutorService publisherExecutorService() {
    return publishers;
  }

  @Override
  public Long createElement(int element) {
    return (long) element;
  }

  @AfterClass
  void close() {
    publishers.shutdownNow();
    calls.close();
  }
}
