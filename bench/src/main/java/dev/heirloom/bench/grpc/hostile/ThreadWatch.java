package dev.heirloom.bench.grpc.hostile;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The most threads that a control plane has while this is open, seen once a second. */
final class ThreadWatch implements AutoCloseable {
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong most = new AtomicLong();

  ThreadWatch(AttackedPlane plane) {
    ScheduledFuture<?> unused =
        timer.scheduleAtFixedRate(
            () -> {
              try {
                most.accumulateAndGet(plane.threads(), Math::max);
              } catch (IOException e) {
                // It ended, which others say.
              }
            },
            0,
            1,
            TimeUnit.SECONDS);
  }

  long most() {
    return most.get();
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
