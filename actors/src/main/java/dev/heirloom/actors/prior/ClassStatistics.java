package dev.heirloom.actors.prior;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The log ratios of the devices last heard of, per class, bounded in classes and devices. A class's
 * prior is the median over its devices, so that an odd device does not move it.
 */
public final class ClassStatistics {

  static final int MOST_CLASSES = 1024;
  static final int MOST_DEVICES = 64;

  private final Map<ClassKey, Map<String, Double>> classes = new Recent<>(MOST_CLASSES);

  /** Replaces what was last heard of a device. */
  public void observe(ClassKey key, String device, double logRatio) {
    Map<String, Double> devices = classes.get(key);
    if (devices == null) {
      devices = new Recent<>(MOST_DEVICES);
      classes.put(key, devices);
    }
    devices.put(device, logRatio);
  }

  /** What is known of a class. */
  public ClassPrior prior(ClassKey key) {
    Map<String, Double> devices = classes.get(key);
    if (devices == null) {
      return ClassPrior.NONE;
    }
    double[] sorted = devices.values().stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new ClassPrior(median, sorted.length);
  }

  /** Forgets the entry not used for longest. */
  private static final class Recent<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1;

    private final int most;

    Recent(int most) {
      super(16, 0.75f, true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > most;
    }
  }
}
