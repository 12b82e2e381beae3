package dev.heirloom.actors.simulation;

import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A fleet and a span of time.
 *
 * @param ladder rungs to choose from; every one was timed
 * @param devices that are counted
 * @param classes device classes; device i is of class i modulo their number
 * @param unseen how many classes, the last ones, have no device before the start
 * @param pioneers devices of each other class that run before the start and are not counted
 * @param history how long they run before the start
 * @param span counted time
 * @param window length of a report window
 * @param budgetNs p95 budget of every device in ns; 0: drawn for each, so that what suits it is
 *     spread over the ladder
 * @param conditions what the fleet is exposed to
 */
public record Scenario(
    Ladder ladder,
    int devices,
    int classes,
    int unseen,
    int pioneers,
    Duration history,
    Duration span,
    Duration window,
    long budgetNs,
    Conditions conditions) {

  /** Eight rungs: 80.0 % to 92.2 %, 3.2 ms to 9.5 ms where the family was made. */
  public static final Ladder LADDER =
      ladder(
          new double[] {0.800, 0.842, 0.868, 0.886, 0.899, 0.909, 0.917, 0.922},
          new double[] {3.2, 3.8, 4.5, 5.3, 6.2, 7.2, 8.3, 9.5});

  /** Usual number of devices of a class that ran before the start. */
  public static final int PIONEERS = 8;

  /** How long they usually ran. */
  public static final Duration HISTORY = Duration.ofHours(2);

  private static final int MOST_DEVICES = 1_000_000;
  private static final int MOST_WINDOWS = 1_000_000;

  public Scenario {
    within("devices", devices, 1, MOST_DEVICES);
    within("classes", classes, 1, MOST_DEVICES);
    within("unseen", unseen, 0, classes);
    within("pioneers", pioneers, 0, MOST_DEVICES);
    if (window.toMillis() < 1) {
      throw new IllegalArgumentException("window: " + window + " (expected: 1 ms or more)");
    }
    within("hours: windows", span.dividedBy(window), 1, MOST_WINDOWS);
    within("windows of history", history.dividedBy(window), 0, MOST_WINDOWS);
    if (budgetNs < 0) {
      throw new IllegalArgumentException("budgetNs: " + budgetNs + " (expected: 0 or more)");
    }
    if (ladder.rungs().stream().anyMatch(rung -> rung.latencyP50Ns() == 0)) {
      throw new IllegalArgumentException("ladder: its rungs were not timed");
    }
  }

  /** A day of a fleet of eight classes, two of them unseen, in windows of a minute. */
  public static Scenario usual(int devices) {
    return new Scenario(
        LADDER,
        devices,
        8,
        2,
        PIONEERS,
        HISTORY,
        Duration.ofHours(24),
        Duration.ofSeconds(60),
        0,
        Conditions.usual());
  }

  /** Counted windows. */
  public int windows() {
    return (int) span.dividedBy(window);
  }

  /** Windows before the start. */
  public int windowsBefore() {
    return (int) history.dividedBy(window);
  }

  /** Windows in a span of time, at least one. */
  int windowsIn(Duration time) {
    return (int) Math.max(1, time.dividedBy(window));
  }

  double windowMinutes() {
    return window.toNanos() / 60e9;
  }

  /** A ladder of which only accuracy and latency matter. */
  public static Ladder ladder(double[] accuracies, double[] latenciesMs) {
    List<RungFigures> rungs = new ArrayList<>();
    for (int i = 0; i < accuracies.length; i++) {
      long ns = Math.round(latenciesMs[i] * 1e6);
      rungs.add(
          new RungFigures(
              i + 1, List.of(8 * (i + 1)), ns, ns, 0, accuracies[i], accuracies[i], ns, ns, 0));
    }
    return new Ladder(rungs);
  }

  private static void within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }
}
