package dev.heirloom.actors.simulation;

/** What a fleet did over time, in at most 96 equal spans. */
public final class Timeline {

  private static final int MOST_SPANS = 96;

  private final int windows;
  private final int rungs;
  private final Span[] spans;

  Timeline(int windows, int rungs) {
    this.windows = windows;
    this.rungs = rungs;
    this.spans = new Span[Math.min(windows, MOST_SPANS)];
    for (int i = 0; i < spans.length; i++) {
      spans[i] = new Span(rungs);
    }
  }

  private static final class Span {
    private final long[] byRung;
    private long served;
    private long feasible;
    private double regret;
    private long best;
    private long graded;
    private long over;

    Span(int rungs) {
      byRung = new long[rungs];
    }
  }

  void saw(Moment moment) {
    Span span = spans[(int) ((long) moment.window() * spans.length / windows)];
    span.served++;
    span.byRung[moment.ended() - 1]++;
    span.best += Math.max(1, moment.best());
    if (moment.best() > 0) {
      span.feasible++;
      span.regret += moment.bestAccuracy() - moment.accuracy();
    }
    if (Ledger.graded(moment)) {
      span.graded++;
      span.over += moment.measuredNs() > moment.budgetNs() ? 1 : 0;
    }
  }

  void add(Timeline other) {
    for (int i = 0; i < spans.length; i++) {
      Span to = spans[i];
      Span from = other.spans[i];
      for (int k = 0; k < rungs; k++) {
        to.byRung[k] += from.byRung[k];
      }
      to.served += from.served;
      to.feasible += from.feasible;
      to.regret += from.regret;
      to.best += from.best;
      to.graded += from.graded;
      to.over += from.over;
    }
  }

  /** Number of spans. */
  public int size() {
    return spans.length;
  }

  /** Where a span begins, as a share of the whole time. */
  public double begins(int span) {
    return (double) span / spans.length;
  }

  /** Share of a span's windows that were on a rung when they ended. */
  public double share(int span, int rung) {
    return share((double) spans[span].byRung[rung - 1], spans[span].served);
  }

  /** Mean rung of a span. */
  public double meanRung(int span) {
    double sum = 0;
    for (int rung = 1; rung <= rungs; rung++) {
      sum += rung * share(span, rung);
    }
    return sum;
  }

  /** Mean rung of the oracle in a span. */
  public double bestRung(int span) {
    return share((double) spans[span].best, spans[span].served);
  }

  /** Mean regret in accuracy, 0..1, over feasible windows. */
  public double regret(int span) {
    return share(spans[span].regret, spans[span].feasible);
  }

  /** Share of windows that measured a p95 over the budget. */
  public double overBudget(int span) {
    return share((double) spans[span].over, spans[span].graded);
  }

  private static double share(double part, long whole) {
    return whole == 0 ? 0 : part / whole;
  }
}
