package dev.heirloom.actors.adaptation;

/**
 * A request p95 that the device has not measured yet, with the interval that holds it in 95 of 100
 * cases, as far as what is known of such devices goes.
 *
 * @param basis what it follows from
 * @param p95Ns in ns; 0 where nothing is known
 * @param lowerNs lower end in ns; 0 where nothing is known
 * @param upperNs upper end in ns; 0 where nothing is known
 * @param devices devices of the class that it was learnt from; 0 for micro-probes
 */
public record ExpectedLatency(Basis basis, long p95Ns, long lowerNs, long upperNs, int devices) {

  /** What an expectation follows from. */
  public enum Basis {
    NOTHING,
    /** What other devices of the class measured. */
    DEVICE_CLASS,
    /** The device's micro-probes. */
    MICRO_PROBES
  }

  /** Nothing is known. */
  public static final ExpectedLatency UNKNOWN = new ExpectedLatency(Basis.NOTHING, 0, 0, 0, 0);

  /** Two-sided 95 % of the normal distribution. */
  private static final double Z = 1.959964;

  /**
   * An expectation whose logarithm is normally distributed.
   *
   * @param deviation standard deviation of the logarithm
   */
  static ExpectedLatency of(Basis basis, double p95Ns, double deviation, int devices) {
    double factor = Math.exp(Z * deviation);
    return new ExpectedLatency(
        basis, Math.round(p95Ns), Math.round(p95Ns / factor), Math.round(p95Ns * factor), devices);
  }
}
