package dev.heirloom.bench.grpc;

import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.v1.FeedbackGrpc;
import dev.heirloom.proto.v1.LabelRequest;
import dev.heirloom.proto.v1.LabelResponse;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * An application on a device that asks about samples and tells their labels after the answers. Its
 * samples can be changed for others while it asks.
 */
public final class DriftingTraffic implements AutoCloseable {
  private static final long DEADLINE_SECONDS = 10;

  private final String model;
  private final Manifest manifest;
  private final Preprocessor preprocessor;
  private final List<SampleSet> levels;
  private final ManagedChannel channel;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private volatile int level;
  private long number;

  /**
   * Connects to an agent's local server.
   *
   * @param levels labelled samples, from those that it begins with
   */
  public DriftingTraffic(int port, Manifest manifest, List<SampleSet> levels) {
    this.model = manifest.getName();
    this.manifest = manifest;
    this.preprocessor =
        new Preprocessor(
            manifest.getPreprocessingList(), TensorSpec.ofManifest(manifest.getInputsList()));
    this.levels = List.copyOf(levels);
    this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  public void start(int perSecond) {
    // Runs until the timer is shut down.
    ScheduledFuture<?> unused =
        timer.scheduleAtFixedRate(
            this::ask, 0, TimeUnit.SECONDS.toNanos(1) / perSecond, TimeUnit.NANOSECONDS);
  }

  /** From now on other samples are asked about. */
  public void setLevel(int next) {
    level = next;
  }

  private void ask() {
    SampleSet samples = levels.get(level);
    int sample = (int) (number % samples.size());
    String id = "drift-" + number++;
    long label = samples.label(sample, 0);
    GRPCInferenceServiceGrpc.newStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .modelInfer(
            RawRequest.of(manifest, preprocessor.batch(samples, new int[] {sample}))
                .setId(id)
                .build(),
            new Silent<ModelInferResponse>() {
              @Override
              public void onNext(ModelInferResponse answer) {
                tell(id, label);
              }
            });
  }

  private void tell(String id, long label) {
    FeedbackGrpc.newStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .label(
            LabelRequest.newBuilder().setModel(model).setRequestId(id).addLabels(label).build(),
            new Silent<LabelResponse>());
  }

  @Override
  public void close() {
    timer.shutdownNow();
    channel.shutdownNow();
  }

  /** What fails is missing in the agent's windows, where it is counted. */
  private static class Silent<T> implements StreamObserver<T> {
    @Override
    public void onNext(T value) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
