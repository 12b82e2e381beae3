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
 * <p>A window over budget demotes at once; windows within budget promote after a cool-down,
 * straight to the rung that is expected to fit. A rung is entered at {@link #HEADROOM} of the
 * budget and left at all of it, so that nothing oscillates, and a rung that broke a budget is
 * entered again only when the budget rose or its expected p95 fell clearly and for some time.
 */
public final class HeadroomPolicy implements RankPolicy {

  /** Share of the latency budget that a rung may be expected to use when it is entered. */
  static final double HEADROOM = 0.85;

  /** Windows with fewer measured requests say nothing. */
  static final int LEAST_REQUESTS = 20;

  /** Windows within budget before a promotion. */
  static final int COOL_DOWN_WINDOWS = 2;

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
      return exceeds(terms, next) ? unmet(next, best) : Verdict.stay(next);
    }
    return Verdict.move(next, best);
  }

  @Override
  public Verdict decide(Terms terms, PolicyState state, WindowReport window) {
    if (!counts(state, window)) {
      return Verdict.stay(skipped(state, window));
    }
    boolean over = terms.timed() && window.request().p95Ns() > terms.budget().p95LatencyNs();
    PolicyState next = Learning.learn(terms, state, window, over);
    return over ? demote(terms, next, window) : promote(terms, next, window);
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
    Forecast forecast = forecast(terms, PolicyState.BLANK);
    double expectedNs = forecast.known() ? forecast.p95Ns(choice.rung()) : 0;
    boolean feasible =
        terms.fits(choice.rung())
            && terms.accurate(choice.rung())
            && (!terms.timed() || expectedNs <= budget.p95LatencyNs());
    return new Recommendation(choice.rung(), Math.round(expectedNs), feasible, choice.reason());
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
    int target = largestWithin(terms, lower, expected).orElse(lower.get(0));
    return Verdict.move(
        Learning.broke(next, terms.budget().p95LatencyNs(), p95Ns),
        new Choice(target, over + ": " + outlook(terms, target, expected.p95Ns(target))));
  }

  private Verdict promote(Terms terms, PolicyState state, WindowReport window) {
    PolicyState next = state.withGoodWindows(Math.min(state.goodWindows() + 1, COOL_DOWN_WINDOWS));
    if (next.goodWindows() < COOL_DOWN_WINDOWS || !next.steady()) {
      return Verdict.stay(next);
    }
    Forecast forecast = forecast(terms, next);
    List<Integer> higher = enterable(terms, next).stream().filter(k -> k > next.rung()).toList();
    String reason = "p95 " + ms(window.request().p95Ns()) + " leaves room under ";
    return largestWithin(terms, higher, forecast::p95Ns)
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
      return new Choice(terms.installable().get(0), Shortfall.ofMemoryOrSize(terms));
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
    List<Integer> enterable = enterable(terms, state);
    int rung = largestWithin(terms, enterable, forecast::p95Ns).orElse(fitting.get(0));
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

  /** Rungs that fit and have not broken this budget. */
  private static List<Integer> enterable(Terms terms, PolicyState state) {
    long budgetNs = terms.budget().p95LatencyNs();
    return terms.candidates().stream().filter(k -> !state.memory(k).broke(budgetNs)).toList();
  }

  private static Optional<Integer> largestWithin(
      Terms terms, List<Integer> rungs, Expectation expected) {
    double limitNs = terms.timed() ? HEADROOM * terms.budget().p95LatencyNs() : Double.MAX_VALUE;
    return rungs.stream()
        .filter(k -> expected.p95Ns(k) <= limitNs)
        .reduce((smaller, larger) -> larger);
  }

  /** Whether the desired rung need not be left: it fits, and nothing says that it is too slow. */
  private static boolean staysGood(Terms terms, PolicyState state) {
    return state.rung() > 0
        && state.rung() <= terms.ladder().size()
        && terms.candidates().contains(state.rung())
        && !exceeds(terms, state);
  }

  private static boolean exceeds(Terms terms, PolicyState state) {
    Forecast forecast = forecast(terms, state);
    return terms.timed()
        && forecast.known()
        && forecast.p95Ns(state.rung()) > terms.budget().p95LatencyNs();
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
    return new Forecast(terms.ladder(), state, terms.prior());
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
        .filter(k -> !terms.timed() || forecast.p95Ns(k) <= terms.budget().p95LatencyNs())
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
