package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.EnrolResponse;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.LatencySummary;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.ToAgent;
import dev.heirloom.proto.v1.Window;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An agent as the control plane sees one: it enrols, holds a stream, answers what it is told and
 * reports windows that a model of the device makes. It runs no heir and fetches no blob.
 */
final class ModelledDevice {
  private static final int RECONNECT_MS = 1500;
  private static final long BUDGET_NS = 7_000_000;

  private final String name;
  private final String deviceClass;
  private final DeviceModel model;
  private final AgentsGrpc.AgentsStub agents;
  private final ScheduledExecutorService timers;
  private final long periodMs;
  private final SplittableRandom random;
  private ByteString serving = ByteString.EMPTY;
  private String family = "";
  private int rung;
  private boolean touched;
  private boolean closed;
  private long sequence;
  private Optional<Stream> stream = Optional.empty();

  ModelledDevice(
      String name,
      String deviceClass,
      DeviceModel model,
      ManagedChannel channel,
      ScheduledExecutorService timers,
      long periodMs,
      SplittableRandom random) {
    this.name = name;
    this.deviceClass = deviceClass;
    this.model = model;
    this.agents = AgentsGrpc.newStub(channel);
    this.timers = timers;
    this.periodMs = periodMs;
    this.random = random;
  }

  private DeviceProfile profile() {
    return DeviceProfile.newBuilder()
        .setDeviceClass(deviceClass)
        .setCores(2)
        .setMemoryBytes(1L << 30)
        .setThreads(1)
        .build();
  }

  /** Enrols, again and again until the control plane answers, then connects. */
  void start() {
    agents.enrol(
        EnrolRequest.newBuilder().setName(name).setProfile(profile()).build(),
        new StreamObserver<EnrolResponse>() {
          @Override
          public void onNext(EnrolResponse answer) {
            connect();
          }

          @Override
          public void onError(Throwable failure) {
            later(ModelledDevice.this::start);
          }

          @Override
          public void onCompleted() {}
        });
    timers.schedule(this::measure, random.nextLong(periodMs), TimeUnit.MILLISECONDS);
  }

  private synchronized void later(Runnable task) {
    if (!closed) {
      timers.schedule(task, 100 + random.nextInt(RECONNECT_MS), TimeUnit.MILLISECONDS);
    }
  }

  private synchronized void connect() {
    if (closed) {
      return;
    }
    Stream opened = new Stream();
    stream = Optional.of(opened);
    opened.up = agents.connect(opened);
    opened.send(
        FromAgent.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setDevice(name)
                    .setProfile(profile())
                    .setBudget(Budget.newBuilder().setP95LatencyNs(BUDGET_NS))
                    .setServingManifestSha256(serving)
                    .setServingRung(rung)
                    .setReporter(1))
            .build());
  }

  private synchronized void ended(Stream over) {
    if (stream.filter(s -> s == over).isPresent()) {
      stream = Optional.empty();
      later(this::connect);
    }
  }

  private synchronized void told(Stream by, Desired desired) {
    ByteString manifest = desired.getManifest().getSha256();
    touched |= model.isTarget(manifest);
    boolean fails = model.fails(deviceClass, manifest);
    if (!fails) {
      serving = manifest;
      rung = desired.getRung();
      family = desired.getFamily();
    }
    by.send(
        FromAgent.newBuilder()
            .setOutcome(
                Outcome.newBuilder()
                    .setDecision(desired.getDecision())
                    .setFamily(desired.getFamily())
                    .setManifestSha256(manifest)
                    .setRung(desired.getRung())
                    .setStatus(
                        fails ? Outcome.Status.STATUS_FAILED : Outcome.Status.STATUS_INSTALLED)
                    .setFailedCheck(fails ? "golden-outputs" : ""))
            .build());
  }

  private synchronized void measure() {
    if (closed) {
      return;
    }
    if (stream.isPresent() && rung > 0) {
      stream.get().send(FromAgent.newBuilder().setWindow(window()).build());
    }
    timers.schedule(this::measure, jittered(periodMs), TimeUnit.MILLISECONDS);
  }

  private long jittered(long ms) {
    return Math.round(ms * (0.9 + 0.2 * random.nextDouble()));
  }

  private Window window() {
    long p95Ns = model.p95Ns(deviceClass, serving, rung, random);
    LatencySummary latency =
        LatencySummary.newBuilder()
            .setCount(model.labels() * 3L / 2)
            .setP50Ns(p95Ns * 4 / 5)
            .setP95Ns(p95Ns)
            .setP99Ns(p95Ns * 6 / 5)
            .setMaxNs(p95Ns * 2)
            .build();
    double accuracy = model.accuracy(name, serving, rung);
    int correct = 0;
    for (int i = 0; i < model.labels(); i++) {
      correct += random.nextDouble() < accuracy ? 1 : 0;
    }
    return Window.newBuilder()
        .setSequence(++sequence)
        .setStartUnixMs(System.currentTimeMillis() - periodMs)
        .setDurationMs((int) periodMs)
        .setFamily(family)
        .setManifestSha256(serving)
        .setRung(rung)
        .setSource(Source.SOURCE_TRAFFIC)
        .setRequest(latency)
        .setSession(latency)
        .setLabelled(model.labels())
        .setCorrect(correct)
        .setMeanConfidence(0.85 + 0.02 * random.nextDouble())
        .setMeanEntropy(0.4)
        .build();
  }

  synchronized boolean serves(ByteString manifest) {
    return rung > 0 && serving.equals(manifest);
  }

  synchronized boolean touched() {
    return touched;
  }

  synchronized void close() {
    closed = true;
  }

  /** One stream; what the network does to it ends it. */
  private final class Stream implements StreamObserver<ToAgent> {
    private StreamObserver<FromAgent> up = new Nobody();

    void send(FromAgent message) {
      try {
        up.onNext(message);
      } catch (IllegalStateException e) {
        // It has ended, which onError tells, too.
      }
    }

    @Override
    public void onNext(ToAgent message) {
      if (message.hasDesired()) {
        told(this, message.getDesired());
      }
    }

    @Override
    public void onError(Throwable failure) {
      ended(this);
    }

    @Override
    public void onCompleted() {
      ended(this);
    }
  }

  /** Takes what is sent before the stream is there: nothing is. */
  private static final class Nobody implements StreamObserver<FromAgent> {
    @Override
    public void onNext(FromAgent message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
