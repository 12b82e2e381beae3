package dev.heirloom.actors.prior;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The log ratios of the devices last heard of, per class and family, bounded in all three.
 *
 * <p>A class is expected where the median of its devices is, so that an odd one does not move it.
 * Where few of its devices have served a family, or none, what they measured with other families
 * counts too, with what these families differ by where other classes have served both.
 */
public final class ClassStatistics {
  private static final int MOST_CLASSES = 1024;
  private static final int MOST_FAMILIES = 16;

  /** Devices of a class that say enough without other families. */
  private static final int ENOUGH_DEVICES = 8;

  /** Devices that what other families say of a class is worth. */
  private static final double ELSEWHERE_DEVICES = 2;

  /** Spread about what was learnt from other families, where other classes have served both. */
  private static final double RELATED_SPREAD = 0.15;

  /** The same where no class has served both: the families' ladders may be of other machines. */
  private static final double UNRELATED_SPREAD = 0.25;

  /** What the devices of a class measured, by family. */
  private final Map<ClassKey, Map<String, Observed>> classes = new Recent<>(MOST_CLASSES);

  /** What other families say of a class; {@code related} where other classes have served both. */
  private record Elsewhere(double logRatio, boolean related) {}

  /** Takes in what a device measured; its earlier observation with the family is replaced. */
  public void observe(ClassKey key, String family, String device, double logRatio) {
    classes
        .computeIfAbsent(key, unheard -> new Recent<>(MOST_FAMILIES))
        .computeIfAbsent(family, unheard -> new Observed())
        .observe(device, logRatio);
  }

  /** What is known of a class that is to serve a family; {@link ClassPrior#NONE} if nothing is. */
  public ClassPrior prior(ClassKey key, String family) {
    Map<String, Observed> families = classes.get(key);
    if (families == null) {
      return ClassPrior.NONE;
    }
    Observed own = families.get(family);
    if (own != null && own.devices() >= ENOUGH_DEVICES) {
      return new ClassPrior(own.median(), own.spread(), own.devices());
    }
    Optional<Elsewhere> elsewhere = elsewhere(families, family);
    if (own == null) {
      return elsewhere
          .map(e -> new ClassPrior(e.logRatio, e.related ? RELATED_SPREAD : UNRELATED_SPREAD, 1))
          .orElse(ClassPrior.NONE);
    }
    double devices = own.devices();
    double mean =
        elsewhere
            .filter(Elsewhere::related)
            .map(
                e ->
                    (devices * own.median() + ELSEWHERE_DEVICES * e.logRatio)
                        / (devices + ELSEWHERE_DEVICES))
            .orElse(own.median());
    return new ClassPrior(mean, own.spread(), own.devices());
  }

  private Optional<Elsewhere> elsewhere(Map<String, Observed> families, String family) {
    double sum = 0;
    double weight = 0;
    boolean related = false;
    // A copy, because looking a family up moves it within the map.
    for (Map.Entry<String, Observed> entry : List.copyOf(families.entrySet())) {
      if (entry.getKey().equals(family)) {
        continue;
      }
      Observed beside = entry.getValue();
      Optional<Double> beyond = beyond(family, entry.getKey());
      if (beyond.isPresent() && !related) {
        sum = 0;
        weight = 0;
        related = true;
      }
      if (beyond.isPresent() || !related) {
        sum += beside.devices() * (beside.median() + beyond.orElse(0.0));
        weight += beside.devices();
      }
    }
    return weight == 0 ? Optional.empty() : Optional.of(new Elsewhere(sum / weight, related));
  }

  /** What a family's log ratios have beyond another's, over the classes that have served both. */
  private Optional<Double> beyond(String family, String other) {
    double sum = 0;
    int both = 0;
    for (Map<String, Observed> families : classes.values()) {
      Observed one = families.get(family);
      Observed two = families.get(other);
      if (one != null && two != null) {
        sum += one.median() - two.median();
        both++;
      }
    }
    return both == 0 ? Optional.empty() : Optional.of(sum / both);
  }

  /** Forgets the entry not used for longest. */
  static final class Recent<K, V> extends LinkedHashMap<K, V> {
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
