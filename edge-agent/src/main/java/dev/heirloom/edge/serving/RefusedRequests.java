package dev.heirloom.edge.serving;

import dev.heirloom.transport.grpc.RequestFault;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Counts what local applications sent that was no request, and says so: the first at once, then
 * what came up to then, once a minute at most. Thread-safe.
 */
public final class RefusedRequests implements Consumer<RequestFault> {
  private static final long EVERY_NS = Duration.ofMinutes(1).toNanos();

  private final LongSupplier nanoTime;
  private final Consumer<String> say;
  private final Map<RequestFault, Long> counts = new EnumMap<>(RequestFault.class);
  private long saidNs;

  /**
   * @param say hears lines for people
   */
  public RefusedRequests(LongSupplier nanoTime, Consumer<String> say) {
    this.nanoTime = nanoTime;
    this.say = say;
  }

  @Override
  public synchronized void accept(RequestFault fault) {
    boolean first = counts.isEmpty();
    counts.merge(fault, 1L, Long::sum);
    long now = nanoTime.getAsLong();
    if (first || now - saidNs >= EVERY_NS) {
      saidNs = now;
      say.accept(
          "requests that were none, so far: "
              + counts.entrySet().stream()
                  .map(each -> each.getValue() + " " + each.getKey().label())
                  .collect(Collectors.joining(", ")));
    }
  }
}
