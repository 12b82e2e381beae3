package dev.heirloom.actors.twin;

import dev.heirloom.actors.accuracy.Finding;
import dev.heirloom.actors.adaptation.Choice;
import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.adaptation.PolicyState;
import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.adaptation.RungLatencies;
import dev.heirloom.actors.adaptation.Terms;
import dev.heirloom.actors.adaptation.Verdict;
import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which events follow from what a twin knows. It persists and tells nothing; of the live device
 * only what the policy learnt is replaced.
 */
final class TwinPlanner {

  private final FamilyCatalogue catalogue;
  private final RankPolicy policy;
  private final AccuracyPlanner accuracy;
  private final Clock clock;

  TwinPlanner(FamilyCatalogue catalogue, RankPolicy policy, Clock clock) {
    this.catalogue = catalogue;
    this.policy = policy;
    this.accuracy = new AccuracyPlanner(policy);
    this.clock = clock;
  }

  /** The ladder of the desired version; empty before the first assignment. */
  Optional<Ladder> ladder(TwinState.Known known) {
    return known.desired().digest().flatMap(catalogue::find).map(PublishedFamily::ladder);
  }

  /** What is known of a device that was not known before. */
  List<TwinEvent> enrolled(DeviceProfile profile, BudgetRules rules) {
    TwinEvent.Enrolled enrolled = new TwinEvent.Enrolled(clock.millis(), profile);
    List<TwinEvent> events = new ArrayList<>(List.of(enrolled));
    events.addAll(matched(TwinState.Known.of(enrolled), profile, rules));
    return events;
  }

  /** Whether what the device measures of the desired version tells something of its class. */
  boolean teachesClass(TwinState.Known known) {
    return ladder(known)
        .filter(ladder -> RungLatencies.classSpeaks(ladder, known.profile()))
        .isPresent();
  }

  /** What differs between what the device says of itself and what is known. */
  List<TwinEvent> hello(TwinState.Known known, Hello hello, BudgetRules rules) {
    List<TwinEvent> events = new ArrayList<>();
    if (!hello.profile().equals(known.profile()) || !hello.family().equals(known.wantedFamily())) {
      events.add(new TwinEvent.ProfileChanged(clock.millis(), hello.profile(), hello.family()));
    }
    if (!hello.budget().equals(known.budgets().agent())) {
      events.add(new TwinEvent.BudgetSet(clock.millis(), hello.budget(), false));
    }
    events.addAll(matched(known, hello.profile(), rules));
    return events;
  }

  /** What differs between the rules that a profile matches and those that are known. */
  List<TwinEvent> matched(TwinState.Known known, DeviceProfile profile, BudgetRules rules) {
    List<BudgetRule> matching = rules.matching(known.labels(profile));
    return matching.equals(known.budgets().rules())
        ? List.of()
        : List.of(new TwinEvent.RulesMatched(clock.millis(), matching));
  }

  /** Name of the family that the device is to serve; empty where there is none. */
  String nextFamily(TwinState.Known known) {
    return newVersion(known).map(PublishedFamily::name).orElse(known.desired().family());
  }

  /** Brings the desired rung up to date with the catalogue, the pin and the terms. */
  List<TwinEvent> settle(TwinState.Known known, LiveDevice live) {
    Optional<PublishedFamily> target = newVersion(known);
    return target.isPresent()
        ? assign(known, live, target.get())
        : adjust(known, known.budgets().inForce(), known.pinnedRung(), live);
  }

  /** Whether the device shall serve something else than it does after a failed installation. */
  boolean pending(TwinState.Known known) {
    return newVersion(known).isPresent()
        || (known.pinnedRung() > 0 && known.pinnedRung() != known.desired().rung());
  }

  /** Reconsiders the desired rung under a budget and a pin that may be new. */
  List<TwinEvent> adjust(TwinState.Known known, Budget budget, int pinnedRung, LiveDevice live) {
    Optional<Ladder> ladder = ladder(known);
    if (ladder.isEmpty() || known.instructions().quarantined()) {
      return List.of();
    }
    if (pinnedRung > 0) {
      return pin(known, live, Math.min(pinnedRung, ladder.get().size()), pinnedRung);
    }
    if (!live.termsChanged || known.quarantine(known.desired().family()).isPresent()) {
      return List.of();
    }
    live.termsChanged = false;
    Verdict verdict =
        policy.termsChanged(terms(known, budget, ladder.get(), live.prior), live.policy);
    live.policy = verdict.next();
    return decided(known, verdict);
  }

  /**
   * Learns from a window and decides, if it is of what the device shall serve. What a device
   * measured while it could not be told anything is learnt from only. Latency goes before accuracy.
   */
  List<TwinEvent> window(TwinState.Known known, LiveDevice live, WindowReport window) {
    Optional<Ladder> ladder = ladder(known);
    if (ladder.isEmpty() || !window.manifest().hex().equals(known.desired().manifest())) {
      return List.of();
    }
    live.accuracy.learn(known.desired(), ladder.get(), window);
    Terms terms = terms(known, known.budgets().inForce(), ladder.get(), live.prior);
    if (!free(known) || window.late()) {
      live.policy = policy.learn(terms, live.policy, window);
      return served(known, window) ? followAccuracy(known, live, terms) : List.of();
    }
    Verdict verdict = policy.decide(terms, live.policy, window);
    live.policy = verdict.next();
    return verdict.choice().isPresent() || !served(known, window)
        ? decided(known, verdict)
        : followAccuracy(known, live, terms);
  }

  /** The rung that is to be tried because labels alone leave the accuracy in doubt. */
  Optional<Integer> toTry(TwinState.Known known, LiveDevice live) {
    return ladder(known)
        .filter(ladder -> free(known) && known.desired().serving().equals(live.reported))
        .map(ladder -> terms(known, known.budgets().inForce(), ladder, live.prior))
        .flatMap(terms -> accuracy.toTry(terms, live.policy, live.accuracy));
  }

  /** What accuracy asks for, where nothing else asks for another rung. */
  private List<TwinEvent> followAccuracy(TwinState.Known known, LiveDevice live, Terms terms) {
    if (accuracy.idle(known, live.accuracy)) {
      return List.of();
    }
    Finding finding = live.accuracy.evidence().judge(terms.budget().leastAccuracy());
    Optional<Verdict> raised =
        free(known) && live.accuracy.mayRaise()
            ? accuracy.raise(terms, live.policy, live.accuracy.evidence(), finding)
            : Optional.empty();
    if (raised.isEmpty()) {
      return accuracy
          .flag(known, live.accuracy, finding, terms.ladder(), clock.millis())
          .map(List::of)
          .orElse(List.of());
    }
    raised.get().choice().ifPresent(choice -> live.accuracy.raised(choice.rung()));
    List<TwinEvent> events = new ArrayList<>(decided(known, raised.get()));
    if (known.flag().isPresent()) {
      events.add(new TwinEvent.FlagLifted(clock.millis(), "a larger rung is expected to help"));
    }
    return events;
  }

  /** Whether a window is news of the rung that the device shall serve. */
  private static boolean served(TwinState.Known known, WindowReport window) {
    return window.rung() == known.desired().rung() && !window.late();
  }

  /** Whether the device's rung is the policy's to choose. */
  private static boolean free(TwinState.Known known) {
    return known.pinnedRung() == 0 && known.quarantine(known.desired().family()).isEmpty();
  }

  /** Goes back to what the device serves, because it could not install what was desired. */
  TwinEvent rollBack(TwinState.Known known, LiveDevice live, OutcomeEntry failed) {
    Serving serving = live.reported;
    Optional<PublishedFamily> back =
        serving.nothing()
            ? Optional.empty()
            : catalogue
                .find(Digest.parse(serving.manifest()))
                .filter(family -> serving.rung() <= family.ladder().size());
    int rung = back.isPresent() ? serving.rung() : 0;
    boolean sameLadder = serving.manifest().equals(known.desired().manifest());
    PolicyState kept = sameLadder ? live.policy : live.policy.forNewLadder();
    return new TwinEvent.RolledBack(
        known.desired().decision(),
        clock.millis(),
        back.map(PublishedFamily::name).orElse(""),
        back.map(family -> family.manifest().hex()).orElse(""),
        back.map(PublishedFamily::manifestBytes).orElse(0L),
        rung,
        failure(known.desired(), failed),
        kept.movedTo(rung));
  }

  private List<TwinEvent> assign(TwinState.Known known, LiveDevice live, PublishedFamily target) {
    PolicyState fresh = live.policy.forNewLadder();
    if (known.pinnedRung() > 0) {
      int rung = Math.min(known.pinnedRung(), target.ladder().size());
      return givenUp(known, target)
          ? List.of()
          : List.of(assigned(known, target, pinned(rung, known.pinnedRung()), fresh.movedTo(rung)));
    }
    Terms terms =
        new Terms(
            target.ladder(),
            known.profile(),
            known.budgets().inForce(),
            live.prior,
            known.failures().blocked(target.manifest().hex()));
    Verdict verdict = policy.first(terms, fresh);
    live.termsChanged = false;
    return verdict.choice().stream()
        .map(choice -> assigned(known, target, choice, verdict.next()))
        .toList();
  }

  private TwinEvent assigned(
      TwinState.Known known, PublishedFamily target, Choice choice, PolicyState next) {
    return new TwinEvent.Assigned(
        known.log().last() + 1,
        clock.millis(),
        target.name(),
        target.manifest().hex(),
        target.manifestBytes(),
        choice.rung(),
        known
                .enlistment()
                .filter(place -> place.manifest().equals(target.manifest().hex()))
                .map(place -> "rollout " + place.rollout() + ": ")
                .orElse("")
            + choice.reason(),
        next);
  }

  private List<TwinEvent> pin(TwinState.Known known, LiveDevice live, int rung, int pinnedRung) {
    Serving wanted = new Serving(known.desired().manifest(), rung);
    if (rung == known.desired().rung()
        || known.failures().count(wanted) >= InstallFailures.MOST_ATTEMPTS) {
      return List.of();
    }
    return decided(
        known, new Verdict(live.policy.movedTo(rung), Optional.of(pinned(rung, pinnedRung))));
  }

  private static Choice pinned(int rung, int pinnedRung) {
    String reason = "an operator holds the device on rung " + pinnedRung;
    return new Choice(
        rung, rung == pinnedRung ? reason : reason + ": rung " + rung + " is the largest there is");
  }

  private List<TwinEvent> decided(TwinState.Known known, Verdict verdict) {
    if (verdict.choice().isEmpty()) {
      return List.of();
    }
    Choice choice = verdict.choice().get();
    long number = known.log().last() + 1;
    long atMs = clock.millis();
    int from = known.desired().rung();
    int to = choice.rung();
    if (to == from) {
      return List.of(new TwinEvent.BudgetUnmet(number, atMs, to, choice.reason(), verdict.next()));
    }
    return List.of(
        to > from
            ? new TwinEvent.Promoted(number, atMs, from, to, choice.reason(), verdict.next())
            : new TwinEvent.Demoted(number, atMs, from, to, choice.reason(), verdict.next()));
  }

  private Optional<PublishedFamily> newVersion(TwinState.Known known) {
    return followed(known)
        .filter(family -> !family.manifest().hex().equals(known.desired().manifest()))
        .filter(family -> known.quarantine(family.name()).isEmpty())
        .filter(family -> !givenUp(known, family));
  }

  /** The version that a rollout has the device follow, or the current one. */
  private Optional<PublishedFamily> followed(TwinState.Known known) {
    String family = known.followedFamily();
    return known
        .enlistment()
        .filter(place -> place.family().equals(family))
        .flatMap(place -> catalogue.find(Digest.parse(place.manifest())))
        .or(() -> catalogue.current(family));
  }

  /** Why a rollout may not have the device follow a version; empty where it may. */
  Optional<String> refusal(TwinState.Known known, String rollout, Digest manifest) {
    Optional<Enlistment> place = known.enlistment().filter(p -> !p.rollout().equals(rollout));
    if (place.isPresent()) {
      return Optional.of("it is in rollout " + place.get().rollout());
    }
    Optional<PublishedFamily> version = catalogue.find(manifest);
    if (version.isEmpty()) {
      return Optional.of("version " + manifest.brief() + " is not published");
    }
    String family = version.get().name();
    if (!family.equals(known.followedFamily())) {
      return Optional.of("it does not follow " + family);
    }
    return known.quarantine(family).map(quarantine -> "in quarantine: " + quarantine.reason());
  }

  /** What has the device follow a version; nothing where it does. */
  List<TwinEvent> enlist(TwinState.Known known, String rollout, Digest manifest, String reason) {
    boolean news =
        known.enlistment().filter(place -> place.manifest().equals(manifest.hex())).isEmpty();
    String family = catalogue.find(manifest).map(PublishedFamily::name).orElse("");
    return news
        ? List.of(new TwinEvent.Enlisted(clock.millis(), rollout, family, manifest.hex(), reason))
        : List.of();
  }

  /**
   * Whether a version failed so often that the device stays with what it serves. With a version
   * that was taken back it does not stay, until its quarantine.
   */
  private static boolean givenUp(TwinState.Known known, PublishedFamily family) {
    return !known.desired().none()
        && !known.leaves()
        && known.failures().count(family.manifest().hex()) >= InstallFailures.MOST_ATTEMPTS;
  }

  private static Terms terms(
      TwinState.Known known, Budget budget, Ladder ladder, ClassPrior prior) {
    return new Terms(
        ladder,
        known.profile(),
        budget,
        prior,
        known.failures().blocked(known.desired().manifest()));
  }

  private static String failure(Assignment desired, OutcomeEntry failed) {
    String check = failed.failedCheck().isEmpty() ? "" : ": " + failed.failedCheck();
    String message = failed.message().isEmpty() ? "" : ": " + failed.message();
    return "rung " + desired.rung() + " could not be installed" + check + message;
  }
}
