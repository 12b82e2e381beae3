package dev.heirloom.bench.grpc;

import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Requests to an agent's local server, so many a second whatever becomes of those before. */
public final class InferenceLoad implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 10;

  /**
   * An answered request.
   *
   * @param sentNs when it was due, on the clock of {@link System#nanoTime}
   * @param ns until its answer was there
   */
  public record Answered(long sentNs, long ns) {}

  private final ManagedChannel channel;
  private final GRPCInferenceServiceGrpc.GRPCInferenceServiceStub stub;
  private final ModelInferRequest request;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<Answered> answers = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();

  public InferenceLoad(int port, Manifest manifest) {
    channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    stub = GRPCInferenceServiceGrpc.newStub(channel);
    request = request(manifest);
  }

  private static ModelInferRequest request(Manifest manifest) {
    Map<String, TensorValue> zeros = new LinkedHashMap<>();
    for (TensorSpec input : manifest.getInputsList()) {
      long[] dims =
          LongStream.concat(
                  LongStream.of(1), input.getDimsList().stream().mapToLong(dim -> Math.max(1, dim)))
              .toArray();
      int elements = Math.toIntExact(LongStream.of(dims).reduce(1, Math::multiplyExact));
      zeros.put(input.getName(), TensorValue.floats(new float[elements], dims));
    }
    return RawRequest.of(manifest, zeros).build();
  }

  public void start(int perSecond) {
    // Runs until the timer is shut down.
    ScheduledFuture<?> unused =
        timer.scheduleAtFixedRate(
            this::send, 0, TimeUnit.SECONDS.toNanos(1) / perSecond, TimeUnit.NANOSECONDS);
  }

  private void send() {
    long dueNs = System.nanoTime();
    sent.incrementAndGet();
    stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .modelInfer(
            request,
            new StreamObserver<ModelInferResponse>() {
              @Override
              public void onNext(ModelInferResponse value) {
                answers.add(new Answered(dueNs, System.nanoTime() - dueNs));
              }

              @Override
              public void onError(Throwable failure) {
                failed.incrementAndGet();
              }

              @Override
              public void onCompleted() {}
            });
  }

  /** Sends no more, waits for what is on its way, and gives all answers. */
  public List<Answered> end() throws InterruptedException {
    timer.shutdown();
    timer.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS + 1);
    while (answers.size() + failed.get() < sent.get() && System.nanoTime() < until) {
      Thread.sleep(20);
    }
    return List.copyOf(answers);
  }

  /** Requests without an answer, failed ones included. */
  public long unanswered() {
    return sent.get() - answers.size();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    channel.shutdownNow();
  }
}
