package dev.heirloom.actors.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How new devices find their rung: what each was given first, and what it changed until it was
 * right. A device is watched for six hours from its first window. Its final rung, and the steady
 * one of the oracle that is held to its budget, are medians over the last three; a device that
 * joined too late for that, or that no rung suits then, is left out.
 */
public final class Arrivals implements Watcher {

  /** How far a rung may be from the oracle's and be right. */
  public static final int TOLERANCE = 1;

  private static final Duration WATCHED = Duration.ofHours(6);
  private static final Duration STEADY = Duration.ofHours(3);
  private static final Duration STAYING = Duration.ofMinutes(10);

  /**
   * One new device.
   *
   * @param first rung that it was assigned first
   * @param last median rung of the last hours
   * @param best median rung of the held oracle then
   * @param changesUntilRight changes of the desired rung before it was within one of {@code best}
   *     and stayed so for ten minutes; {@code Integer.MAX_VALUE} where it never was
   */
  public record Arrival(int first, int last, int best, int changesUntilRight) {}

  private final int watched;
  private final int steady;
  private final int staying;
  private final List<Life> lives = new ArrayList<>();

  /** Watches the devices of a scenario. */
  public Arrivals(Scenario scenario) {
    watched = scenario.windowsIn(WATCHED);
    steady = scenario.windowsIn(STEADY);
    staying = scenario.windowsIn(STAYING);
    for (int i = 0; i < scenario.devices(); i++) {
      lives.add(new Life(watched));
    }
  }

  private static final class Life {
    private final short[] rungs;
    private final short[] best;
    private final short[] held;
    private final short[] changes;
    private int first;
    private int windows;

    Life(int watched) {
      rungs = new short[watched];
      best = new short[watched];
      held = new short[watched];
      changes = new short[watched];
    }
  }

  @Override
  public void saw(Moment moment) {
    Life life = lives.get(moment.device());
    if (life.windows == watched) {
      return;
    }
    int at = life.windows++;
    if (at == 0) {
      life.first = moment.began();
    }
    int before = at == 0 ? 0 : life.changes[at - 1];
    life.changes[at] = (short) (before + (moment.changed() ? 1 : 0));
    life.rungs[at] = (short) moment.desired();
    life.best[at] = (short) moment.best();
    life.held[at] = (short) Math.max(1, moment.bestHeld());
  }

  /** Those that were watched long enough and that some rung suits. */
  public List<Arrival> arrivals() {
    return lives.stream()
        .filter(life -> life.windows == watched)
        .filter(life -> median(life.best) > 0)
        .map(this::arrival)
        .toList();
  }

  private Arrival arrival(Life life) {
    int last = median(life.rungs);
    int best = median(life.held);
    return new Arrival(life.first, last, best, changesUntilRight(life, best));
  }

  private int median(short[] values) {
    short[] end = Arrays.copyOfRange(values, watched - steady, watched);
    Arrays.sort(end);
    return end[end.length / 2];
  }

  private int changesUntilRight(Life life, int best) {
    int right = 0;
    for (int i = 0; i < watched; i++) {
      right = Math.abs(life.rungs[i] - best) <= TOLERANCE ? right + 1 : 0;
      if (right == staying) {
        return life.changes[i - staying + 1];
      }
    }
    return Integer.MAX_VALUE;
  }
}
