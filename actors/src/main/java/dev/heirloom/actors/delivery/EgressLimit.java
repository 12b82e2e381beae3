package dev.heirloom.actors.delivery;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Flow;

/**
 * How fast blobs may leave: in total, and to each device. Every transfer waits with one piece at a
 * time, in the order of asking, so transfers that want more than there is get equal shares.
 */
public final class EgressLimit {

  /** Timers are no finer: shorter waits are made up for by the next. */
  private static final long SHORTEST_WAIT_NS = 5_000_000;

  private final OptionalLong deviceBytesPerSecond;
  private final LongSupplier nanoClock;
  private final Line total;
  private final Map<String, Used> devices = new HashMap<>();

  /** A device's line and how many transfers are on it. */
  private static final class Used {
    private final Line line;
    private int transfers;

    Used(Line line) {
      this.line = line;
    }
  }

  /** A line of some speed, by when it is free again. */
  private static final class Line {
    private final OptionalLong bytesPerSecond;
    private long freeNs;

    Line(OptionalLong bytesPerSecond, long nowNs) {
      this.bytesPerSecond = bytesPerSecond;
      this.freeNs = nowNs;
    }

    /** Puts bytes on the line at its earliest time from {@code fromNs} on, and gives that time. */
    long put(int bytes, long fromNs) {
      if (bytesPerSecond.isEmpty()) {
        return fromNs;
      }
      long at = Math.max(freeNs, fromNs);
      freeNs = at + Math.round(1e9 * bytes / bytesPerSecond.getAsLong());
      return at;
    }
  }

  /**
   * @param totalBytesPerSecond of all transfers together; empty for no limit
   * @param deviceBytesPerSecond of each device's transfers; empty for no limit
   */
  public EgressLimit(OptionalLong totalBytesPerSecond, OptionalLong deviceBytesPerSecond) {
    this(totalBytesPerSecond, deviceBytesPerSecond, System::nanoTime);
  }

  EgressLimit(
      OptionalLong totalBytesPerSecond, OptionalLong deviceBytesPerSecond, LongSupplier nanoClock) {
    require("totalBytesPerSecond", totalBytesPerSecond);
    require("deviceBytesPerSecond", deviceBytesPerSecond);
    this.deviceBytesPerSecond = deviceBytesPerSecond;
    this.nanoClock = nanoClock;
    this.total = new Line(totalBytesPerSecond, nanoClock.getAsLong());
  }

  private static void require(String name, OptionalLong limit) {
    if (limit.isPresent() && limit.getAsLong() < 1) {
      throw new IllegalArgumentException(
          name + ": " + limit.getAsLong() + " (expected: 1 or more)");
    }
  }

  /** No limit. */
  public static EgressLimit none() {
    return new EgressLimit(OptionalLong.empty(), OptionalLong.empty());
  }

  /**
   * Lets the elements of one transfer pass when their bytes may leave.
   *
   * @param device name; transfers to the same device share its limit
   * @param bytes size of an element
   */
  public <T> Flow<T, T, NotUsed> to(String device, ToIntFunction<T> bytes) {
    return Flow.lazyFlow(
            () -> {
              enter(device);
              return Flow.<T>create()
                  .mapAsync(1, element -> passed(device, element, bytes.applyAsInt(element)))
                  .watchTermination(
                      (started, done) -> {
                        done.whenComplete((end, failure) -> leave(device));
                        return NotUsed.getInstance();
                      });
            })
        .mapMaterializedValue(started -> NotUsed.getInstance());
  }

  private synchronized void enter(String device) {
    devices.computeIfAbsent(
            device, name -> new Used(new Line(deviceBytesPerSecond, nanoClock.getAsLong())))
        .transfers++;
  }

  private synchronized void leave(String device) {
    Used used = devices.get(device);
    if (used != null && --used.transfers == 0) {
      devices.remove(device);
    }
  }

  /** Devices that have transfers now. */
  synchronized int devices() {
    return devices.size();
  }

  private <T> CompletionStage<T> passed(String device, T element, int bytes) {
    long waitNs = reserve(device, bytes);
    return waitNs < SHORTEST_WAIT_NS
        ? CompletableFuture.completedFuture(element)
        : CompletableFuture.supplyAsync(
            () -> element,
            CompletableFuture.delayedExecutor(waitNs, TimeUnit.NANOSECONDS, Runnable::run));
  }

  /** Takes the earliest time at which bytes may leave, and says how far off it is. */
  synchronized long reserve(String device, int bytes) {
    long now = nanoClock.getAsLong();
    Used own = devices.get(device);
    long at = own == null ? now : own.line.put(bytes, now);
    // The total's turn is taken now: a device that waits for its own limit holds nobody up.
    return Math.max(at, total.put(bytes, now)) - now;
  }
}
