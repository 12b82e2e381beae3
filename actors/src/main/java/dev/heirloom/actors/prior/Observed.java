package dev.heirloom.actors.prior;

import dev.heirloom.actors.adaptation.ClassPrior;
import java.util.Arrays;
import java.util.Map;

/** The log ratios of one group's devices, of those last heard of. */
final class Observed {
  static final int MOST_DEVICES = 64;

  /** Devices that the usual spread is worth beside that of the devices seen. */
  private static final double USUAL_DEVICES = 4;

  /** Standard deviation of a normal distribution over its median absolute deviation. */
  private static final double DEVIATION_PER_MEDIAN = 1.4826;

  private final Map<String, Double> ratios = new ClassStatistics.Recent<>(MOST_DEVICES);
  private double median;
  private double spread = ClassPrior.USUAL_SPREAD;
  private boolean stale;

  void observe(String device, double logRatio) {
    ratios.put(device, logRatio);
    stale = true;
  }

  int devices() {
    return ratios.size();
  }

  double median() {
    refresh();
    return median;
  }

  /**
   * Standard deviation of a device about the median: that of the devices seen, from their median
   * absolute deviation, drawn towards the usual one where they are few.
   */
  double spread() {
    refresh();
    return spread;
  }

  private void refresh() {
    if (!stale) {
      return;
    }
    double[] values = ratios.values().stream().mapToDouble(Double::doubleValue).toArray();
    median = median(values);
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.abs(values[i] - median);
    }
    double seen = DEVIATION_PER_MEDIAN * median(values);
    double usual = ClassPrior.USUAL_SPREAD;
    int seenDevices = values.length - 1;
    spread =
        Math.sqrt(
            (USUAL_DEVICES * usual * usual + seenDevices * seen * seen)
                / (USUAL_DEVICES + seenDevices));
    stale = false;
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}
