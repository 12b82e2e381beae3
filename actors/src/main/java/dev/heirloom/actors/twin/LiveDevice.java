package dev.heirloom.actors.twin;

import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.adaptation.Shortfall;
import dev.heirloom.actors.budget.ResolvedBudget;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.CopyRefusal;
import dev.heirloom.actors.fleet.Decision;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Miss;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What a twin knows of its device only while both live: nothing of this is persisted. */
final class LiveDevice {

  final LiveAccuracy accuracy = new LiveAccuracy();
  private final RecentWindows windows = new RecentWindows();
  private @Nullable ActorRef<ToDevice> session;
  private @Nullable WindowReport lastWindow;
  private Instant lastSeen = Instant.EPOCH;
  private long told;
  private long trials;
  private @Nullable Trial lastTrial;
  private @Nullable CopyRefusal copy;
  private long instance;
  private DecisionLog reportedLog = DecisionLog.EMPTY;
  private List<Decision> decisions = List.of();

  PolicyState policy = PolicyState.BLANK;
  ClassPrior prior = ClassPrior.NONE;
  Serving reported = Serving.NOTHING;

  /** Whether the budget or the profile changed since the policy last looked. */
  boolean termsChanged;

  void recovered(TwinState.Known known) {
    policy = known.policy();
    reported = known.served();
    lastSeen = Instant.ofEpochMilli(known.atMs());
  }

  void opened(ActorRef<ToDevice> newSession, Serving serving, Hello hello, Instant now) {
    session = newSession;
    instance = hello.instance();
    reported = serving;
    lastSeen = now;
    told = 0;
    windows.streamOpened(hello.reporter());
  }

  void closed(Instant now) {
    session = null;
    lastSeen = now;
  }

  boolean accept(WindowReport window, Instant now) {
    lastSeen = now;
    if (!windows.accept(window)) {
      return false;
    }
    lastWindow = window;
    return true;
  }

  /** Whether the newest stream of the device counts its windows beneath a number. */
  boolean countsBeneath(long reporter) {
    return windows.reporter() == reporter;
  }

  void skip(long sequence) {
    windows.skip(sequence);
  }

  /** Up to which sequence windows were taken. */
  long windowsTaken() {
    return windows.newest();
  }

  /** Whether a stream is open that is of another process. */
  boolean contradicts(Hello hello) {
    return session != null && instance != hello.instance();
  }

  /** A second agent under the device's name was refused. */
  void copyRefused(Instant now) {
    copy = new CopyRefusal(now, copy == null ? 1 : copy.times() + 1);
  }

  /** An operator knows of it. */
  void copySeen() {
    copy = null;
  }

  void heard(Instant now) {
    lastSeen = now;
  }

  Optional<ActorRef<ToDevice>> session() {
    return Optional.ofNullable(session);
  }

  boolean isSession(ActorRef<ToDevice> other) {
    return other.equals(session);
  }

  /** Tells the device what it shall serve, once per stream and decision. */
  void tell(Assignment desired) {
    if (session != null && told != desired.decision()) {
      session.tell(desired.toDevice());
      told = desired.decision();
    }
  }

  boolean awaits(long decision) {
    return told == decision;
  }

  /** An order to try a rung of what the device shall serve. */
  ToDevice.TryOut trial(Assignment desired, int rung, TrialTerms terms) {
    trials++;
    return new ToDevice.TryOut(
        trials,
        desired.family(),
        desired.digest().orElseThrow(),
        desired.manifestBytes(),
        rung,
        terms);
  }

  /** Takes what the newest trial found; says whether it is of that one. */
  boolean found(Trial trial) {
    if (trial.number() != trials) {
      return false;
    }
    lastTrial = trial;
    accuracy.learn(trial);
    return true;
  }

  /**
   * The device as it is known.
   *
   * @param ladder of the version that it shall serve; empty before the first assignment
   */
  DeviceStatus status(String name, TwinState.Known known, Optional<Ladder> ladder) {
    if (!reportedLog.equals(known.log())) {
      reportedLog = known.log();
      decisions = reportedLog.toDecisions();
    }
    Assignment desired = known.desired();
    ResolvedBudget resolved = known.budgets().resolved();
    return new DeviceStatus(
        name,
        known.profile(),
        session != null,
        lastSeen,
        resolved.budget(),
        known.budgets().setByOperator(),
        resolved.origins(),
        ladder
            .map(rungs -> misses(known, rungs.rung(desired.rung()), resolved.budget()))
            .orElse(List.of()),
        Optional.of(desired.family()).filter(family -> !family.isEmpty()),
        desired.digest(),
        desired.rung(),
        reported.nothing() ? Optional.empty() : Optional.of(Digest.parse(reported.manifest())),
        reported.rung(),
        known.pinnedRung(),
        known.quarantine().map(Quarantine::reason),
        known.flag().map(FlagEntry::toFlag),
        accuracy.told(),
        Optional.ofNullable(lastWindow),
        Optional.ofNullable(lastTrial),
        decisions,
        known.instructions().labels(),
        Optional.ofNullable(copy),
        false);
  }

  /** What the rung that it shall serve misses, by the ladder and by its newest window there. */
  private List<Miss> misses(TwinState.Known known, RungFigures rung, Budget budget) {
    long p95Ns =
        Optional.ofNullable(lastWindow)
            .filter(window -> window.rung() == rung.rung())
            .filter(window -> window.manifest().hex().equals(known.desired().manifest()))
            .map(window -> window.request().p95Ns())
            .orElse(0L);
    return Shortfall.of(rung, known.profile(), budget, p95Ns);
  }
}
