package dev.heirloom.actors.simulation;

/**
 * How a window's p95 differs from the truth.
 *
 * <p>The latency of requests has a Pareto tail of index a beyond p95: {@code P(X > x) = 0.05
 * (q/x)^a}. The window's p95 is the value of rank {@code r = ceil(0.95 n)} of n requests, of which
 * the share V beyond it is Beta(k, r) distributed, {@code k = n - r + 1}, so that {@code log(p95/q)
 * = log(0.05/V) / a}. V is drawn by Wilson and Hilferty's cube of a normal value, {@code V =
 * k/(n+1) (1 - 1/(9k) + z s/(3 sqrt(k)))^3} with {@code s = sqrt(r/(n+1))}. For large n the
 * standard deviation of log(p95/q) is {@code sqrt(0.95/(0.05 n)) / a}: 7.3 % for 100 requests and a
 * = 6.
 */
final class Measurement {

  private static final double TAIL = 0.05;
  private static final double LEAST_ROOT = 0.05;

  /** Standard deviations that 99 of 100 draws stay under. */
  private static final double UPPER = 2.326;

  private static final int LEAST_REQUESTS = 20;

  private final Conditions.Measuring measuring;

  Measurement(Conditions.Measuring measuring) {
    this.measuring = measuring;
  }

  /** Log of a measured p95 over the true one, for at least one request. */
  double logError(Draws draws, int requests) {
    double other = measuring.windowNoise() * draws.normal();
    double sampling = sampling(requests, draws.normal()) / measuring.tailIndex();
    double outlier = 0;
    if (draws.chance(measuring.outlierShare())) {
      outlier =
          draws.uniform(Math.log(measuring.leastOutlier()), Math.log(measuring.mostOutlier()));
    }
    return other + sampling + outlier;
  }

  /**
   * Log of a measured p95 over the true one that 99 of 100 windows without an outlier stay under.
   */
  double upperLog(double requests) {
    double other = measuring.windowNoise() * UPPER;
    int whole = (int) Math.max(LEAST_REQUESTS, Math.round(requests));
    double sampling = sampling(whole, -UPPER) / measuring.tailIndex();
    return Math.hypot(other, Math.max(0, sampling));
  }

  private static double sampling(int requests, double z) {
    int rank = (int) Math.ceil((1 - TAIL) * requests - 1e-9);
    double beyond = requests - rank + 1;
    double spread = Math.sqrt(rank / (requests + 1.0));
    double root = 1 - 1 / (9 * beyond) + z * spread / (3 * Math.sqrt(beyond));
    double cube = Math.max(LEAST_ROOT, root);
    return Math.log(TAIL * (requests + 1) / (beyond * cube * cube * cube));
  }

  /**
   * True p95 of a window of which a share was served at one rung and the rest at another: the value
   * that 5 % of both tails together exceed.
   */
  double mixed(double share, double p95Ns, double otherNs) {
    double ratio = otherNs / p95Ns;
    if (ratio == 1) {
      return p95Ns;
    }
    double index = Math.min(measuring.tailIndex(), 100);
    double larger = Math.max(1, ratio);
    double sum =
        share * Math.pow(1 / larger, index) + (1 - share) * Math.pow(ratio / larger, index);
    return p95Ns * larger * Math.pow(sum, 1 / index);
  }
}
