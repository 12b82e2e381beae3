package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.accuracy.FieldEvidence;
import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.adaptation.HeadroomPolicy;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.ListCatalogue;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A twin's planning without its actor; the device installs at once whatever it is told. */
final class PlannedDevice {

  final ListCatalogue catalogue = new ListCatalogue();
  final TwinPlanner planner =
      new TwinPlanner(
          catalogue, new HeadroomPolicy(), Clock.fixed(TwinFixture.NOW, ZoneOffset.UTC));
  final List<TwinEvent> events = new ArrayList<>();
  final LiveDevice live = new LiveDevice();
  final PublishedFamily family;
  TwinState.Known known =
      TwinState.Known.of(new TwinEvent.Enrolled(TwinFixture.NOW.toEpochMilli(), Fixtures.PROFILE));
  private long sequence = 1;

  PlannedDevice(int rungs, Budget budget, ClassPrior prior) {
    family = Fixtures.family("digits", "1", rungs);
    catalogue.publish(family);
    live.prior = prior;
    apply(List.of(new TwinEvent.BudgetSet(0, budget, false)));
    apply(planner.settle(known, live));
  }

  int rung() {
    return known.desired().rung();
  }

  FieldEvidence evidence() {
    return live.accuracy.evidence();
  }

  /** A window of 100 requests. */
  void window(double p95Ms, long labelled, long correct) {
    window(p95Ms, labelled, correct, 0.9, 0.3);
  }

  void window(double p95Ms, long labelled, long correct, double confidence, double entropy) {
    sequence++;
    WindowReport window = Fixtures.window(sequence, family, rung(), p95Ms);
    report(Fixtures.seen(window, labelled, correct, confidence, entropy));
  }

  void report(WindowReport window) {
    apply(planner.window(known, live, window));
  }

  /** A trial beside the rung in service, in which answers differ no more than labels say. */
  void trial(int rung, int labelled, int servingMet, int candidateMet) {
    LatencySummary latency = new LatencySummary(200, 1, 2, 3, 4);
    int agreeing = labelled - Math.abs(candidateMet - servingMet);
    live.accuracy.learn(
        new Trial(
            1,
            family.manifest(),
            rung,
            rung(),
            "",
            latency,
            latency,
            labelled,
            agreeing,
            labelled,
            servingMet,
            candidateMet));
  }

  /** As a twin does it, told after a restart what its journal holds. */
  PlannedDevice restarted() {
    PlannedDevice again = new PlannedDevice(family.ladder().size(), Budget.NONE, ClassPrior.NONE);
    again.known = known;
    again.live.recovered(known);
    again.live.reported = known.desired().serving();
    again.events.clear();
    again.sequence = sequence;
    return again;
  }

  void apply(List<TwinEvent> next) {
    for (TwinEvent event : next) {
      events.add(event);
      long before = known.log().last();
      known = on(event);
      if (known.log().last() > before) {
        live.policy = known.policy();
      }
    }
    live.reported = known.desired().serving();
  }

  private TwinState.Known on(TwinEvent event) {
    if (event instanceof TwinEvent.BudgetSet set) {
      return known.on(set);
    }
    if (event instanceof TwinEvent.Pinned pinned) {
      return known.on(pinned);
    }
    if (event instanceof TwinEvent.Assigned assigned) {
      return known.on(assigned);
    }
    if (event instanceof TwinEvent.Promoted promoted) {
      return known.on(promoted);
    }
    if (event instanceof TwinEvent.Demoted demoted) {
      return known.on(demoted);
    }
    if (event instanceof TwinEvent.BudgetUnmet unmet) {
      return known.on(unmet);
    }
    if (event instanceof TwinEvent.Flagged flagged) {
      return known.on(flagged);
    }
    if (event instanceof TwinEvent.FlagLifted lifted) {
      return known.on(lifted);
    }
    throw new AssertionError("unexpected: " + event);
  }

  <E extends TwinEvent> List<E> all(Class<E> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <E extends TwinEvent> E only(Class<E> type) {
    assertThat(all(type)).hasSize(1);
    return all(type).get(0);
  }

  Optional<Integer> toTry() {
    return planner.toTry(known, live);
  }
}
