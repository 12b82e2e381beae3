package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.demo.Budgets;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.proto.v1.BudgetRule;
import dev.heirloom.proto.v1.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Devices that share a machine, each with a budget made from what it measured there: so much as it
 * took at a rung below the top one while nothing else ran, and some room. A rule gives it to the
 * device.
 *
 * @param places the devices
 * @param pace how long everything takes
 */
record LoadFleet(DemoFleet fleet, WindowLog log, List<Place> places, Pace pace) {
  private static final double ROOM = 1.4;

  /** Of all cores, which may be two threads of one. */
  private static final double BUSY_SHARE = 0.2;

  private static final int TELLING_WINDOWS = 4;

  /** After as many, all of a new process is compiled that will be. */
  private static final int WARM_UP_WINDOWS = 8;

  private static final int PATIENT_WINDOWS = 60;
  private static final String LABEL = "place";

  /**
   * How long everything takes.
   *
   * @param devices at most four
   * @param window length of a window
   * @param perSecond requests of each device, at most
   * @param loaded windows under load
   * @param calm windows after it in which a device may climb
   */
  record Pace(int devices, Duration window, int perSecond, int loaded, int calm) {
    static final Pace FULL = new Pace(4, Duration.ofSeconds(6), 20, 12, 40);
    static final Pace QUICK = new Pace(2, Duration.ofSeconds(2), 15, 6, 16);

    Duration windows(int count) {
      return window.multipliedBy(count);
    }

    /**
     * So many requests that the devices leave most of the machine idle at the slowest rung, in
     * windows of as many requests: where they keep it busy themselves, no load is needed for what
     * the load is to show, and their budgets are made of their own queues.
     */
    Pace suited(long slowestNs, int cores) {
      double most = BUSY_SHARE * cores * Duration.ofSeconds(1).toNanos() / (devices * slowestNs);
      int rate = (int) Math.max(1, Math.min(perSecond, Math.floor(most)));
      return new Pace(devices, window.multipliedBy(perSecond).dividedBy(rate), rate, loaded, calm);
    }
  }

  /**
   * A device.
   *
   * @param threads that its sessions use
   * @param belowTop rungs below the top one that its budget is made for
   */
  record Place(String name, int threads, int belowTop) {
    static final List<Place> ALL =
        List.of(
            new Place("one-thread-upper", 1, 1),
            new Place("two-threads-middle", 2, 2),
            new Place("one-thread-middle", 1, 2),
            new Place("two-threads-upper", 2, 1));

    int rung(int top) {
      return Math.max(1, top - belowTop);
    }
  }

  LoadFleet(DemoFleet fleet, WindowLog log, Pace pace) {
    this(fleet, log, Place.ALL.subList(0, pace.devices()), pace);
  }

  /** Starts the devices and waits until they are warm. */
  void start(HeavyFamily heavy) throws Exception {
    long roomyUs = new Budgets(heavy.family().ladder()).roomyNs() / 1000;
    for (Place place : places) {
      fleet.startAgent(
          place.name(),
          pace.window(),
          List.of(
              "--stream",
              heavy.stream().toString(),
              "--rate",
              Integer.toString(pace.perSecond()),
              "--threads",
              Integer.toString(place.threads()),
              "--label",
              LABEL + "=" + place.name(),
              "--p95-budget",
              roomyUs + "us"));
    }
    require(
        "every device serves and is warm",
        log.until(
            pace.windows(PATIENT_WINDOWS),
            () ->
                places.stream().allMatch(place -> log.of(place.name()).size() > WARM_UP_WINDOWS)));
  }

  /** Measures each device at the rung that its budget is for, and waits until it keeps that. */
  void giveBudgets(Run run, int top) throws Exception {
    for (Place place : places) {
      fleet.client().pin(place.name(), place.rung(top));
    }
    require(
        "every device was measured without load",
        log.until(
            pace.windows(PATIENT_WINDOWS),
            () ->
                places.stream()
                    .allMatch(place -> atRung(place, place.rung(top)).size() > TELLING_WINDOWS)));
    for (Place place : places) {
      long budgetNs = Math.round(ROOM * p95Ns(place, place.rung(top)));
      fleet
          .client()
          .setBudgetRule(
              BudgetRule.newBuilder()
                  .setName(place.name())
                  .putSelector(LABEL, place.name())
                  .setLimits(Limits.newBuilder().setP95LatencyNs(budgetNs))
                  .build());
      fleet.client().pin(place.name(), 0);
      run.say()
          .accept(
              "%s: rung %d measured, budget %.1f ms"
                  .formatted(place.name(), place.rung(top), budgetNs / 1e6));
    }
    require(
        "every device settles within its budget without load",
        log.until(pace.windows(PATIENT_WINDOWS), () -> places.stream().allMatch(this::settled)));
  }

  /** Median of a device's windows at a rung; the first still holds what came before. */
  private long p95Ns(Place place, int rung) {
    List<Long> all = new ArrayList<>(atRung(place, rung));
    all.remove(0);
    all.sort(null);
    return all.get(all.size() / 2);
  }

  private List<Long> atRung(Place place, int rung) {
    return log.of(place.name()).stream()
        .filter(seen -> seen.window().getRung() == rung && seen.device().getPinnedRung() == rung)
        .map(seen -> seen.window().getRequest().getP95Ns())
        .toList();
  }

  /** Whether the last windows were within the budget of the rule, at one rung, the desired one. */
  private boolean settled(Place place) {
    List<WindowLog.Seen> all = log.of(place.name());
    return all.size() > TELLING_WINDOWS
        && all.subList(all.size() - TELLING_WINDOWS, all.size()).stream()
            .allMatch(seen -> settled(place, seen));
  }

  private boolean settled(Place place, WindowLog.Seen seen) {
    return seen.within()
        && seen.device().getPinnedRung() == 0
        && seen.device().getBudgetOrigins().getP95Latency().getRule().equals(place.name())
        && seen.window().getRung() == log.desiredRung(place.name());
  }

  /** The rungs that are desired, for people. */
  String rungs() {
    return places.stream()
        .map(place -> "rung " + log.desiredRung(place.name()))
        .collect(Collectors.joining(", "));
  }

  static void require(String what, boolean reached) throws CommandException {
    if (!reached) {
      throw new CommandException("this did not come to pass: " + what);
    }
  }
}
