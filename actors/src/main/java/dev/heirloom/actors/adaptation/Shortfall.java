package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.LimitKind;
import dev.heirloom.actors.fleet.Miss;
import dev.heirloom.runtime.family.RungFigures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a budget asks for and the best rung does not give: as numbers, and as operators read it. */
public final class Shortfall {

  private Shortfall() {}

  /**
   * Every limit that a rung misses, in the order in which limits are met. A device's own memory
   * limits like a budget where it is the smaller one.
   *
   * @param p95Ns expected or measured request p95 in ns; 0 where nothing is known
   */
  public static List<Miss> of(
      RungFigures rung, DeviceProfile profile, Budget budget, double p95Ns) {
    List<Miss> misses = new ArrayList<>();
    over(misses, LimitKind.MEMORY, memoryLimit(profile, budget), rung.memoryBytes());
    over(misses, LimitKind.SIZE, budget.sizeBytes(), rung.sizeBytes());
    over(misses, LimitKind.P95_LATENCY, budget.p95LatencyNs(), p95Ns);
    if (rung.accuracy() < budget.leastAccuracy()) {
      misses.add(new Miss(LimitKind.ACCURACY, budget.leastAccuracy(), rung.accuracy()));
    }
    return misses;
  }

  static List<Miss> of(Terms terms, int rung, double p95Ns) {
    return of(terms.ladder().rung(rung), terms.profile(), terms.budget(), p95Ns);
  }

  /**
   * Why no rung fits: by how much the smallest misses each limit.
   *
   * @param p95Ns its expected request p95 in ns; 0 where nothing is known
   */
  static String ofMemoryOrSize(Terms terms, double p95Ns) {
    int smallest = terms.installable().get(0);
    String misses =
        of(terms, smallest, p95Ns).stream()
            .filter(miss -> miss.kind() != LimitKind.ACCURACY)
            .map(miss -> need(terms, miss))
            .collect(Collectors.joining(", and "));
    return "even rung " + smallest + " " + misses + ofAccuracy(terms, smallest);
  }

  /** What a rung lacks in accuracy, to be appended to a reason; empty where it lacks nothing. */
  static String ofAccuracy(Terms terms, int rung) {
    double accuracy = terms.ladder().rung(rung).accuracy();
    double least = terms.budget().leastAccuracy();
    return terms.accurate(rung)
        ? ""
        : "; its accuracy of "
            + Phrases.percent(accuracy)
            + " is "
            + String.format(Locale.ROOT, "%.1f points", 100 * (least - accuracy))
            + " under the "
            + Phrases.percent(least)
            + " asked for, because other limits go first";
  }

  private static long memoryLimit(DeviceProfile profile, Budget budget) {
    if (budget.memoryBytes() == 0 || profile.memoryBytes() == 0) {
      return Math.max(budget.memoryBytes(), profile.memoryBytes());
    }
    return Math.min(budget.memoryBytes(), profile.memoryBytes());
  }

  private static void over(List<Miss> misses, LimitKind kind, long limit, double value) {
    if (limit > 0 && value > limit) {
      misses.add(new Miss(kind, limit, value));
    }
  }

  private static String need(Terms terms, Miss miss) {
    if (miss.kind() == LimitKind.P95_LATENCY) {
      return "is expected at "
          + Phrases.ms(miss.reached())
          + ", "
          + Phrases.ms(miss.by())
          + " over "
          + Phrases.budget(terms.budget());
    }
    boolean own = miss.kind() == LimitKind.SIZE || miss.limit() == terms.budget().memoryBytes();
    return "needs "
        + Phrases.megabytes((long) miss.reached())
        + (miss.kind() == LimitKind.SIZE ? " of blobs, " : " of memory, ")
        + Phrases.megabytes((long) miss.by())
        + " over the "
        + (own ? "limit " : "device's ")
        + Phrases.megabytes((long) miss.limit());
  }
}
