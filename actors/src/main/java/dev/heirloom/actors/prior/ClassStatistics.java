package dev.heirloom.actors.prior;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The log ratios of the devices last heard of, per class and family, bounded in groups and devices.
 *
 * <p>A class is expected where the median of its devices is, so that an odd one does not move it.
 * Where few of its devices have served a family, or none, what they measured with other families
 * counts too, with what these families differ by where other classes have served both.
 */
public final class ClassStatistics {
  static final int MOST_GROUPS = 1024;

  /** Devices of a class that say enough without other families. */
  private static final int ENOUGH_DEVICES = 8;

  /** Devices that what other families say of a class is worth. */
  private static final double ELSEWHERE_DEVICES = 2;

  /** Spread about what was learnt from other families, where other classes have served both. */
  private static final double RELATED_SPREAD = 0.15;

  /** The same where no class has served both: the families' ladders may be of other machines. */
  private static final double UNRELATED_SPREAD = 0.25;

  private final Map<Group, Observed> groups = new Recent<>(MOST_GROUPS);

  /** Devices of a class that serve a family. */
  private record Group(ClassKey key, String family) {}

  /** What other families say of a class; {@code related} where other classes have served both. */
  private record Elsewhere(double logRatio, boolean related) {}

  /** Takes in what a device measured; its earlier observation with the family is replaced. */
  public void observe(ClassKey key, String family, String device, double logRatio) {
    groups
        .computeIfAbsent(new Group(key, family), group -> new Observed())
        .observe(device, logRatio);
  }

  /** What is known of a class that is to serve a family; {@link ClassPrior#NONE} if nothing is. */
  public ClassPrior prior(ClassKey key, String family) {
    Observed own = groups.get(new Group(key, family));
    if (own != null && own.devices() >= ENOUGH_DEVICES) {
      return new ClassPrior(own.median(), own.spread(), own.devices());
    }
    Optional<Elsewhere> elsewhere = elsewhere(key, family);
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

  private Optional<Elsewhere> elsewhere(ClassKey key, String family) {
    double sum = 0;
    double weight = 0;
    boolean related = false;
    for (Map.Entry<Group, Observed> entry : groups.entrySet()) {
      Group group = entry.getKey();
      if (!group.key.equals(key) || group.family.equals(family)) {
        continue;
      }
      Optional<Double> beyond = beyond(family, group.family);
      if (beyond.isPresent() && !related) {
        sum = 0;
        weight = 0;
        related = true;
      }
      if (beyond.isPresent() || !related) {
        int devices = entry.getValue().devices();
        sum += devices * (entry.getValue().median() + beyond.orElse(0.0));
        weight += devices;
      }
    }
    return weight == 0 ? Optional.empty() : Optional.of(new Elsewhere(sum / weight, related));
  }

  /** What a family's log ratios have beyond another's, over the classes that have served both. */
  private Optional<Double> beyond(String family, String other) {
    double sum = 0;
    int classes = 0;
    for (Map.Entry<Group, Observed> entry : groups.entrySet()) {
      if (!entry.getKey().family.equals(family)) {
        continue;
      }
      for (Map.Entry<Group, Observed> beside : groups.entrySet()) {
        if (beside.getKey().family.equals(other)
            && beside.getKey().key.equals(entry.getKey().key)) {
          sum += entry.getValue().median() - beside.getValue().median();
          classes++;
        }
      }
    }
    return classes == 0 ? Optional.empty() : Optional.of(sum / classes);
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
