package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.proto.v1.FleetGrpc;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.PinRungRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Devices that report every second, and an operator who looks at one of them ten times a second,
 * asks for the health, and has one after the other change its rung. Says where any of this fails.
 */
final class GoodFleet implements AutoCloseable {
  static final String PREFIX = "good-";

  private static final int DEVICES = 12;
  private static final long PIN_MS = 500;
  private static final long TOLD_NS = TimeUnit.SECONDS.toNanos(5);
  private static final long DEADLINE_SECONDS = 10;

  private final Disturbances disturbances;
  private final ManagedChannel channel;
  private final List<GoodAgent> agents = new ArrayList<>();
  private final List<Double> probesMs = new ArrayList<>();
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(4);
  private long pins;

  GoodFleet(int port, Disturbances disturbances) {
    this.disturbances = disturbances;
    this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    for (int i = 0; i < DEVICES; i++) {
      agents.add(new GoodAgent(PREFIX + i, port, disturbances));
    }
    every(1000, () -> agents.forEach(GoodAgent::report));
    every(100, this::probe);
    every(1000, this::health);
    every(PIN_MS, this::pin);
  }

  private void every(long ms, Runnable task) {
    ScheduledFuture<?> unused =
        timer.scheduleWithFixedDelay(
            () -> {
              try {
                task.run();
              } catch (StatusRuntimeException e) {
                disturbances.require(timer.isShutdown(), "a good call failed: " + e.getMessage());
              }
            },
            0,
            ms,
            TimeUnit.MILLISECONDS);
  }

  private FleetGrpc.FleetBlockingStub fleet() {
    return FleetGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
  }

  private void probe() {
    long begunNs = System.nanoTime();
    var unused = fleet().getDevice(GetDeviceRequest.newBuilder().setName(PREFIX + 0).build());
    double ms = (System.nanoTime() - begunNs) / 1e6;
    synchronized (probesMs) {
      probesMs.add(ms);
    }
  }

  /** Times of looks at a device since the last time this was asked, in ms. */
  List<Double> probes() {
    synchronized (probesMs) {
      List<Double> all = List.copyOf(probesMs);
      probesMs.clear();
      return all;
    }
  }

  private void health() {
    ServingStatus status =
        HealthGrpc.newBlockingStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus();
    disturbances.require(status == ServingStatus.SERVING, "its health was " + status);
  }

  /** Has the next device change its rung; it must be told within five seconds. */
  private void pin() {
    GoodAgent agent = agents.get((int) (pins % agents.size()));
    int rung = agent.rung() == 1 ? 2 : 1;
    var unused =
        fleet().pinRung(PinRungRequest.newBuilder().setName(agent.name()).setRung(rung).build());
    pins++;
    long untilNs = System.nanoTime() + TOLD_NS;
    while (agent.rung() != rung && System.nanoTime() < untilNs && !timer.isShutdown()) {
      LockSupport.parkNanos(1_000_000);
    }
    disturbances.require(
        agent.rung() == rung || timer.isShutdown(),
        agent.name() + ": was not told within 5 s that it shall serve rung " + rung);
  }

  /** Decisions that devices were told. */
  long decisions() {
    return agents.stream().mapToLong(GoodAgent::decisions).sum();
  }

  long windowsTaken() {
    return agents.stream().mapToLong(GoodAgent::windowsTaken).sum();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    agents.forEach(GoodAgent::close);
    channel.shutdownNow();
  }
}
