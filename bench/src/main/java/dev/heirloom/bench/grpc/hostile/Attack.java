package dev.heirloom.bench.grpc.hostile;

import dev.heirloom.bench.grpc.hostile.HostileCall.Malice;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.LongFunction;

/** Hostile calls on one server, so many under way at once, each judged when it has ended. */
final class Attack implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PATIENCE_UNFINISHED = Duration.ofSeconds(100);

  private final HostileClient client;
  private final Disturbances disturbances;
  private final BiFunction<HostileCall, HostileClient.Ended, Optional<String>> judge;
  private final int atOnce;
  private final Semaphore places;
  private final AtomicLong right = new AtomicLong();
  private final AtomicLong changes = new AtomicLong();
  private final Map<String, Long> sent = new ConcurrentHashMap<>();
  private final Map<String, Long> ends = new ConcurrentHashMap<>();

  /**
   * @param judge what is wrong with how a call ended
   * @param atOnce calls under way
   */
  Attack(
      HostileClient client,
      Disturbances disturbances,
      BiFunction<HostileCall, HostileClient.Ended, Optional<String>> judge,
      int atOnce) {
    this.client = client;
    this.disturbances = disturbances;
    this.judge = judge;
    this.atOnce = atOnce;
    this.places = new Semaphore(atOnce);
  }

  /** Sends the calls with numbers from one up to, not including, another. */
  void run(LongFunction<HostileCall> calls, long from, long to) throws InterruptedException {
    for (long number = from; number < to; number++) {
      places.acquire();
      HostileCall call = calls.apply(number);
      var unused = send(call, PATIENCE).whenComplete((end, failure) -> places.release());
    }
  }

  /** Begins calls that never end; done when they were ended. */
  CompletableFuture<?> unfinished(LongFunction<HostileCall> calls, long from, long to) {
    CompletableFuture<?>[] all = new CompletableFuture<?>[Math.toIntExact(to - from)];
    for (int i = 0; i < all.length; i++) {
      all[i] = send(calls.apply(from + i), PATIENCE_UNFINISHED);
    }
    return CompletableFuture.allOf(all);
  }

  private CompletableFuture<HostileClient.Ended> send(HostileCall call, Duration patience) {
    if (call.malice() != Malice.CANCELLED) {
      sent.merge(call.method().getFullMethodName(), 1L, Long::sum);
    }
    return client
        .send(call, patience)
        .whenComplete(
            (end, failure) -> {
              Optional<String> wrong =
                  failure == null
                      ? judge.apply(call, end)
                      : Optional.of(call.label() + ": " + failure);
              if (failure == null && changes(call, end)) {
                changes.incrementAndGet();
              }
              wrong.ifPresentOrElse(disturbances::add, () -> right.addAndGet(call.weight()));
              ends.merge(
                  end == null
                      ? "none"
                      : end.status().map(Status::getCode).map(Enum::name).orElse("ANSWERED"),
                  1L,
                  Long::sum);
            });
  }

  /** Whether what a device shall do or is may be another afterwards. */
  private static boolean changes(HostileCall call, HostileClient.Ended end) {
    String method = call.method().getFullMethodName();
    String name = method.substring(method.lastIndexOf('/') + 1);
    return name.equals("Connect")
        || (end.status().filter(status -> !status.isOk()).isEmpty()
            && name.matches("(Enrol|Set|Pin|Lift|Try|Change|Remove).*"));
  }

  /** Calls that were taken and may have changed a device. */
  long changes() {
    return changes.get();
  }

  /** Waits until every call has ended. */
  void await() throws InterruptedException {
    if (!places.tryAcquire(atOnce, 2 * PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      disturbances.add("calls go on although their deadline has passed");
      return;
    }
    places.release(atOnce);
  }

  /** Messages that were answered as they should be. */
  long right() {
    return right.get();
  }

  /** Calls that reached the server, by method. */
  Map<String, Long> sent() {
    return new TreeMap<>(sent);
  }

  /** How many calls ended how, for people. */
  String ends() {
    return new TreeMap<>(ends).toString();
  }

  @Override
  public void close() {
    client.close();
  }
}
