package dev.heirloom.actors.delivery;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.pekko.Done;

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
   * Begins a transfer.
   *
   * @param device name; transfers to the same device share its limit
   */
  Share to(String device) {
    enter(device);
    return new Share(device);
  }

  /** One transfer's part in the limit, until it is closed. */
  final class Share implements AutoCloseable {
    private final String device;
    private boolean closed;

    private Share(String device) {
      this.device = device;
    }

    /**
     * Waits until the transfer's next bytes may leave.
     *
     * @param bytes how many these are
     */
    CompletionStage<Done> turn(int bytes) {
      return after(reserve(device, bytes));
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        leave(device);
      }
    }
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

  private static CompletionStage<Done> after(long waitNs) {
    return waitNs < SHORTEST_WAIT_NS
        ? CompletableFuture.completedFuture(Done.getInstance())
        : CompletableFuture.supplyAsync(
            Done::getInstance,
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
