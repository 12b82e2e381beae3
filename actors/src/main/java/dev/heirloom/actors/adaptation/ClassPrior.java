package dev.heirloom.actors.adaptation;

/**
 * What is known of the speed of a device class before one of its devices has measured anything.
 *
 * @param logRatio natural logarithm of request p95 over {@code RungFigures.latencyP50Ns}
 * @param spread standard deviation of the class's devices about it
 * @param devices devices that this was learnt from; 0 where nothing is known
 */
public record ClassPrior(double logRatio, double spread, int devices) {

  /** Spread of a class whose devices say little of it yet. */
  public static final double USUAL_SPREAD = 0.12;

  /** Nothing is known of the class. */
  public static final ClassPrior NONE = new ClassPrior(0, 0);

  public ClassPrior {
    if (!Double.isFinite(logRatio)) {
      throw new IllegalArgumentException("logRatio: " + logRatio + " (expected: a finite number)");
    }
    if (!(spread > 0 && spread < 100)) {
      throw new IllegalArgumentException("spread: " + spread + " (expected: above 0, below 100)");
    }
    if (devices < 0) {
      throw new IllegalArgumentException("devices: " + devices + " (expected: >= 0)");
    }
  }

  /** With the spread of a class whose devices say little of it yet. */
  public ClassPrior(double logRatio, int devices) {
    this(logRatio, USUAL_SPREAD, devices);
  }

  /** Whether anything was learnt. */
  public boolean known() {
    return devices > 0;
  }
}
