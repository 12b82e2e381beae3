package dev.heirloom.actors.adaptation;

/**
 * What is known of the speed of a device class before one of its devices has measured anything.
 *
 * @param logRatio natural logarithm of request p95 over {@code RungFigures.latencyP50Ns}
 * @param devices devices that this was learnt from; 0 where nothing is known
 */
public record ClassPrior(double logRatio, int devices) {

  /** Nothing is known of the class. */
  public static final ClassPrior NONE = new ClassPrior(0, 0);

  public ClassPrior {
    if (!Double.isFinite(logRatio)) {
      throw new IllegalArgumentException("logRatio: " + logRatio + " (expected: a finite number)");
    }
    if (devices < 0) {
      throw new IllegalArgumentException("devices: " + devices + " (expected: >= 0)");
    }
  }

  /** Whether anything was learnt. */
  public boolean known() {
    return devices > 0;
  }
}
