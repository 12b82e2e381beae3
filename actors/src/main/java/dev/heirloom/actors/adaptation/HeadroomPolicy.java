package dev.heirloom.actors.adaptation;

import static dev.heirloom.actors.adaptation.Phrases.budget;
import static dev.heirloom.actors.adaptation.Phrases.ms;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Ladder;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses the largest rung that is expected to leave headroom under the latency budget.
 *
 * <p>How much headroom depends on how sure the forecast is: a rung is entered where {@link #ENTER}
 * standard deviations fit under the budget, and left where {@link #STAY} do not, so that nothing
 * oscillates. A window over budget demotes at once. Windows within budget promote after a
 * cool-down, straight to the rung that is expected to fit. A rung that broke a budget by more than
 * noise explains waits, twice as long each time, and must be expected further under it, unless the
 * budget rises.
 */
public final class HeadroomPolicy implements RankPolicy {
  /** Standard deviations that must fit under the budget where a rung is entered. */
  static final double ENTER = 2.3;

  /** The same where a device goes down to a rung. */
  static final double RETREAT = 2.0;

  /** The same where a rung is in service. */
  static final double STAY = 1.6;

  /** Standard deviations more for each time that the rung broke this budget lately. */
  static final double DISTRUST = 0.5;

  /**
   * Share of the logarithm of an overrun that must fit, too, under the budget of the rung that a
   * device flees to: what another program takes away does not shrink with the rung, and a second
   * demotion costs more than a rung too low.
   */
  static final double BEYOND = 0.3;

  /** Windows with fewer measured requests say nothing. */
  static final int LEAST_REQUESTS = 20;

  /** Windows within budget before a promotion. */
  static final int COOL_DOWN_WINDOWS = 2;

  /** Surprise above which a device seems to be getting slower, so that it is not promoted. */
  private static final double SLOWING = 1.5;

  @Override
  public Verdict first(Terms terms, PolicyState state) {
    if (terms.installable().isEmpty()) {
      return Verdict.stay(state);
    }
    return Verdict.move(state, best(terms, state));
  }

  @Override
  public Verdict termsChanged(Terms terms, PolicyState state) {
    PolicyState next =
        Learning.forgiveBelow(state, terms.budget().p95LatencyNs()).withUnmetTold(false);
    if (terms.installable().isEmpty()) {
      return Verdict.stay(next);
    }
    Choice best = best(terms, next);
    if (best.rung() == next.rung() || (staysGood(terms, next) && best.rung() < next.rung())) {
      boolean unmet = best.rung() == next.rung() && fallsShort(terms, next);
      return unmet ? unmet(next, best) : Verdict.stay(next);
    }
    return Verdict.move(next, best);
  }

  @Override
  public Verdict decide(Terms terms, PolicyState state, WindowReport window) {
    if (!counts(state, window)) {
      return Verdict.stay(skipped(state, window));
    }
    boolean over = terms.timed() && window.request().p95Ns() > terms.budget().p95LatencyNs();
    boolean broken = over && Learning.unexpected(terms, state, window);
    PolicyState next = Learning.learn(terms, state, window, broken);
    if (over) {
      long budgetNs = terms.budget().p95LatencyNs();
      return demote(terms, broken ? Learning.broke(next, budgetNs) : next, window);
    }
    return retreat(terms, next, window).orElseGet(() -> promote(terms, next, window));
  }

  @Override
  public PolicyState learn(Terms terms, PolicyState state, WindowReport window) {
    return counts(state, window)
        ? Learning.learn(terms, state, window, false)
        : skipped(state, window);
  }

  @Override
  public Recommendation recommend(
      Ladder ladder, DeviceProfile profile, Budget budget, ClassPrior prior) {
    Terms terms = new Terms(ladder, profile, budget, prior, Set.of());
    Choice choice = best(terms, PolicyState.BLANK);
    ExpectedLatency latency = expected(terms, choice.rung());
    return new Recommendation(
        choice.rung(),
        latency,
        Shortfall.of(terms, choice.rung(), (double) latency.p95Ns()),
        choice.reason());
  }

  /** What a device's class measured, or else what its micro-probes say, which no rung follows. */
  private static ExpectedLatency expected(Terms terms, int rung) {
    Forecast forecast = forecast(terms, PolicyState.BLANK);
    if (forecast.known()) {
      return forecast.expected(rung, terms.prior().devices());
    }
    return RungLatencies.expected(terms.ladder(), terms.profile())
        .map(latencies -> latencies.expected(rung))
        .orElse(ExpectedLatency.UNKNOWN);
  }

  private Verdict demote(Terms terms, PolicyState state, WindowReport window) {
    int rung = state.rung();
    long p95Ns = window.request().p95Ns();
    Forecast forecast = forecast(terms, state);
    PolicyState next = state.withGoodWindows(0);
    List<Integer> lower = terms.candidates().stream().filter(k -> k < rung).toList();
    String over = "p95 " + ms(p95Ns) + " is over " + budget(terms.budget());
    if (lower.isEmpty()) {
      double missNs = p95Ns - terms.budget().p95LatencyNs();
      String reason =
          over + " by " + ms(missNs) + ": rung " + rung + " is the smallest that can be served";
      return unmet(next, new Choice(rung, reason));
    }
    // A load that rises shows in this window before it shows in what was learnt: the worse counts.
    Expectation expected = k -> Math.max(forecast.p95Ns(k), forecast.p95Ns(k, p95Ns, rung));
    double beyond = Math.pow((double) p95Ns / terms.budget().p95LatencyNs(), BEYOND);
    Expectation upper =
        k ->
            Math.max(
                forecast.upperInServiceNs(k, RETREAT), beyond * forecast.p95Ns(k, p95Ns, rung));
    int target = largestWithin(terms, lower, upper).orElse(lower.get(0));
    return Verdict.move(
        next, new Choice(target, over + ": " + outlook(terms, target, expected.p95Ns(target))));
  }

  /** Leaves a rung that is within budget and not expected to stay so. */
  private Optional<Verdict> retreat(Terms terms, PolicyState state, WindowReport window) {
    Forecast forecast = forecast(terms, state);
    int rung = state.rung();
    if (!terms.timed() || state.memory(rung).teaching() || !exceeds(terms, state, STAY)) {
      return Optional.empty();
    }
    List<Integer> lower = terms.candidates().stream().filter(k -> k < rung).toList();
    String close = "p95 " + ms(window.request().p95Ns()) + " comes close to ";
    return largestWithin(terms, lower, k -> forecast.upperP95Ns(k, RETREAT))
        .map(
            k ->
                new Choice(
                    k,
                    close + budget(terms.budget()) + ": " + outlook(terms, k, forecast.p95Ns(k))))
        .map(choice -> Verdict.move(state, choice));
  }

  private Verdict promote(Terms terms, PolicyState state, WindowReport window) {
    PolicyState next = state.withGoodWindows(Math.min(state.goodWindows() + 1, COOL_DOWN_WINDOWS));
    if (next.goodWindows() < COOL_DOWN_WINDOWS || next.speed().surprise() > SLOWING) {
      return Verdict.stay(next);
    }
    Forecast forecast = forecast(terms, next);
    List<Integer> higher = enterable(terms, next).stream().filter(k -> k > next.rung()).toList();
    String reason = "p95 " + ms(window.request().p95Ns()) + " leaves room under ";
    return largestWithin(terms, higher, upperOnEntry(terms, next, forecast))
        .map(
            k ->
                new Choice(
                    k,
                    terms.timed()
                        ? reason
                            + budget(terms.budget())
                            + ": "
                            + outlook(terms, k, forecast.p95Ns(k))
                        : unlimited(k)))
        .map(choice -> Verdict.move(next, choice))
        .orElseGet(() -> Verdict.stay(next));
  }

  /** The best rung without a window; at least one rung can be installed. */
  private Choice best(Terms terms, PolicyState state) {
    List<Integer> fitting = terms.candidates();
    if (fitting.isEmpty()) {
      int smallest = terms.installable().get(0);
      double p95Ns = expectedNs(terms, state, smallest);
      return new Choice(smallest, Shortfall.ofMemoryOrSize(terms, p95Ns));
    }
    if (!terms.timed()) {
      int largest = fitting.get(fitting.size() - 1);
      return new Choice(largest, unlimited(largest) + Shortfall.ofAccuracy(terms, largest));
    }
    Forecast forecast = forecast(terms, state);
    if (!forecast.known()) {
      int start = fitting.stream().filter(terms::accurate).findFirst().orElse(fitting.get(0));
      return new Choice(
          start,
          "nothing is known yet of the speed of "
              + Phrases.deviceClass(terms.profile())
              + ": rung "
              + start
              + " first, a larger one on evidence"
              + Shortfall.ofAccuracy(terms, start));
    }
    Expectation upper =
        state.measured()
            ? upperOnEntry(terms, state, forecast)
            : k -> forecast.upperAtFirstNs(k, ENTER);
    int rung = largestWithin(terms, enterable(terms, state), upper).orElse(fitting.get(0));
    return new Choice(rung, outlook(terms, rung, forecast.p95Ns(rung)));
  }

  private static String unlimited(int rung) {
    return "there is no latency budget: rung " + rung + " is the largest within the other limits";
  }

  private static String outlook(Terms terms, int rung, double p95Ns) {
    double missNs = p95Ns - terms.budget().p95LatencyNs();
    return (missNs > 0 ? "even " : "")
        + ("rung " + rung + " is expected at " + ms(p95Ns))
        + (missNs > 0 ? ", " + ms(missNs) + " over" : "")
        + Shortfall.ofAccuracy(terms, rung);
  }

  /** Rungs that fit and have not just broken this budget. */
  private static List<Integer> enterable(Terms terms, PolicyState state) {
    long budgetNs = terms.budget().p95LatencyNs();
    return terms.candidates().stream().filter(k -> !state.memory(k).waiting(budgetNs)).toList();
  }

  private static Expectation upperOnEntry(Terms terms, PolicyState state, Forecast forecast) {
    long budgetNs = terms.budget().p95LatencyNs();
    return k -> {
      RungMemory memory = state.memory(k);
      double distrust = memory.broke(budgetNs) ? DISTRUST * memory.breaks() : 0;
      return forecast.upperP95Ns(k, ENTER + distrust);
    };
  }

  private static Optional<Integer> largestWithin(
      Terms terms, List<Integer> rungs, Expectation upper) {
    for (int i = rungs.size() - 1; i >= 0; i--) {
      if (!terms.timed() || upper.p95Ns(rungs.get(i)) <= terms.budget().p95LatencyNs()) {
        return Optional.of(rungs.get(i));
      }
    }
    return Optional.empty();
  }

  /** Whether the desired rung need not be left: it fits, and nothing says that it is too slow. */
  private static boolean staysGood(Terms terms, PolicyState state) {
    return state.rung() > 0
        && state.rung() <= terms.ladder().size()
        && terms.candidates().contains(state.rung())
        && !exceeds(terms, state, 0);
  }

  /** Whether a window of the desired rung so many deviations slow is over the budget. */
  private static boolean exceeds(Terms terms, PolicyState state, double deviations) {
    Forecast forecast = forecast(terms, state);
    return terms.timed()
        && forecast.known()
        && forecast.upperInServiceNs(state.rung(), deviations) > terms.budget().p95LatencyNs();
  }

  /** Whether the desired rung misses any limit. */
  private static boolean fallsShort(Terms terms, PolicyState state) {
    int rung = state.rung();
    return !Shortfall.of(terms, rung, expectedNs(terms, state, rung)).isEmpty();
  }

  /** Expected p95 of a rung in ns; 0 where nothing is known. */
  private static double expectedNs(Terms terms, PolicyState state, int rung) {
    Forecast forecast = forecast(terms, state);
    return forecast.known() ? forecast.p95Ns(rung) : 0;
  }

  private static Verdict unmet(PolicyState state, Choice choice) {
    return state.unmetTold()
        ? Verdict.stay(state)
        : new Verdict(state.withUnmetTold(true), Optional.of(choice));
  }

  /** A window that began before the rung did, or with the agent's start, mixes what it measures. */
  private static boolean counts(PolicyState state, WindowReport window) {
    return window.rung() == state.rung()
        && state.settling() == 0
        && window.sequence() > 1
        && window.request().count() >= LEAST_REQUESTS;
  }

  private static PolicyState skipped(PolicyState state, WindowReport window) {
    return window.rung() == state.rung() && state.settling() > 0 ? state.settled() : state;
  }

  private static Forecast forecast(Terms terms, PolicyState state) {
    return new Forecast(terms, state);
  }

  /** Expected p95 of a rung. */
  private interface Expectation {
    double p95Ns(int rung);
  }

  @Override
  public Verdict raise(Terms terms, PolicyState state, double leastLadderAccuracy, String why) {
    Forecast forecast = forecast(terms, state);
    boolean ready = state.settling() == 0 && (!terms.timed() || forecast.known());
    return enterable(terms, state).stream()
        .filter(k -> ready && k > state.rung())
        .filter(k -> terms.ladder().rung(k).accuracy() >= leastLadderAccuracy)
        .filter(
            k ->
                !terms.timed()
                    || forecast.upperInServiceNs(k, STAY) <= terms.budget().p95LatencyNs())
        .findFirst()
        .map(k -> new Choice(k, why + ": " + within(terms, forecast, k)))
        .map(choice -> Verdict.move(state, choice))
        .orElseGet(() -> Verdict.stay(state));
  }

  private static String within(Terms terms, Forecast forecast, int rung) {
    return terms.timed()
        ? "rung " + rung + " is expected at " + ms(forecast.p95Ns(rung))
        : "rung " + rung + " is within the limits";
  }
}
