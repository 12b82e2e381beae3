package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.LatencySummary;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.ToAgent;
import dev.heirloom.proto.v1.Window;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A device that does all as it should, over a real stream: reports a window when it is told to,
 * installs what it is told at once, and notices where it is not answered. Thread-safe.
 */
final class GoodAgent implements AutoCloseable {
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);

  private final String name;
  private final Disturbances disturbances;
  private final ManagedChannel channel;
  private final StreamObserver<FromAgent> up;
  private final AtomicLong decisions = new AtomicLong();
  private @Nullable Desired serving;
  private long sequence;
  private long taken;
  private long unansweredSinceNs;
  private boolean closing;

  GoodAgent(String name, int port, Disturbances disturbances) {
    this.name = name;
    this.disturbances = disturbances;
    this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    var unused =
        AgentsGrpc.newBlockingStub(channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .enrol(EnrolRequest.newBuilder().setName(name).setProfile(profile()).build());
    this.up = AgentsGrpc.newStub(channel).connect(new Told());
    up.onNext(
        FromAgent.newBuilder()
            .setHello(Hello.newBuilder().setDevice(name).setProfile(profile()).setReporter(1))
            .build());
  }

  private static DeviceProfile profile() {
    return DeviceProfile.newBuilder()
        .setDeviceClass("good")
        .setCores(2)
        .setMemoryBytes(1L << 30)
        .setThreads(1)
        .build();
  }

  String name() {
    return name;
  }

  /** Decisions that it was told. */
  long decisions() {
    return decisions.get();
  }

  /** Reports what it serves, and says where the window before was not taken in time. */
  synchronized void report() {
    if (closing || serving == null) {
      return;
    }
    long now = System.nanoTime();
    if (taken < sequence && now - unansweredSinceNs > PATIENCE_NS) {
      disturbances.add(name + ": window " + sequence + " was not taken within 5 s");
      unansweredSinceNs = now;
    }
    if (taken == sequence) {
      unansweredSinceNs = now;
    }
    up.onNext(FromAgent.newBuilder().setWindow(window(++sequence, serving)).build());
  }

  private static Window window(long sequence, Desired served) {
    LatencySummary latency =
        LatencySummary.newBuilder()
            .setCount(100)
            .setP50Ns(1_000_000)
            .setP95Ns(2_000_000)
            .setP99Ns(2_500_000)
            .setMaxNs(3_000_000)
            .build();
    return Window.newBuilder()
        .setSequence(sequence)
        .setStartUnixMs(1_700_000_000_000L + sequence * 1000)
        .setDurationMs(1000)
        .setFamily(served.getFamily())
        .setManifestSha256(served.getManifest().getSha256())
        .setRung(served.getRung())
        .setSource(Source.SOURCE_TRAFFIC)
        .setRequest(latency)
        .setSession(latency)
        .build();
  }

  /** The rung that it was told last; 0 for none. */
  synchronized int rung() {
    return serving == null ? 0 : serving.getRung();
  }

  synchronized long windowsTaken() {
    return taken;
  }

  private synchronized void install(Desired desired) {
    serving = desired;
    decisions.incrementAndGet();
    up.onNext(
        FromAgent.newBuilder()
            .setOutcome(
                Outcome.newBuilder()
                    .setDecision(desired.getDecision())
                    .setFamily(desired.getFamily())
                    .setManifestSha256(desired.getManifest().getSha256())
                    .setRung(desired.getRung())
                    .setStatus(Outcome.Status.STATUS_INSTALLED))
            .build());
  }

  private synchronized void taken(long through) {
    taken = through;
    unansweredSinceNs = System.nanoTime();
  }

  private synchronized boolean closing() {
    return closing;
  }

  @Override
  public void close() {
    synchronized (this) {
      closing = true;
    }
    channel.shutdownNow();
  }

  private final class Told implements StreamObserver<ToAgent> {
    @Override
    public void onNext(ToAgent message) {
      switch (message.getMessageCase()) {
        case DESIRED -> install(message.getDesired());
        case WINDOWS_TAKEN -> taken(message.getWindowsTaken().getSequence());
        case BUDGET, SHADOW, MESSAGE_NOT_SET -> {}
      }
    }

    @Override
    public void onError(Throwable failure) {
      disturbances.require(closing(), name + ": its stream ended: " + failure.getMessage());
    }

    @Override
    public void onCompleted() {
      disturbances.require(closing(), name + ": its stream was completed");
    }
  }
}
