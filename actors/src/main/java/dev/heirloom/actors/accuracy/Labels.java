package dev.heirloom.actors.accuracy;

import java.util.ArrayList;
import java.util.List;

/**
 * The labels that came for one rung since its accuracy last changed, and what labels of other rungs
 * let expect of it.
 *
 * <p>Labels stand in few buckets. Where the newer ones and the older ones differ clearly, the older
 * are forgotten (the idea of ADWIN: A. Bifet and R. Gavaldà, SDM 2007, 443–448).
 *
 * @param buckets oldest first
 * @param carriedLabels labels of other rungs, as many as they are worth here; at most {@link
 *     #MOST_CARRIED}
 * @param carriedCorrect how many of these would have been right, by the ladder's differences
 */
record Labels(List<Counts> buckets, double carriedLabels, double carriedCorrect) {

  static final Labels NONE = new Labels(List.of(), 0, 0);

  /** Labels that are remembered; older ones are forgotten. */
  static final int MOST = 4000;

  /** What labels of other rungs are worth at most. */
  static final int MOST_CARRIED = 50;

  /** Own labels from which on those of other rungs count no more. */
  static final int ENOUGH = 100;

  private static final int MOST_BUCKETS = 5;
  private static final int LEAST_IN_BUCKET = 25;
  private static final int LEAST_TO_COMPARE = 20;

  /** By chance about once in 10,000 comparisons: χ² with one degree of freedom. */
  private static final double CLEARLY_UNLIKE = 15;

  Labels {
    buckets = List.copyOf(buckets);
  }

  /** With the labels of a window of this rung. */
  Labels with(Counts counts) {
    if (counts.labels() == 0) {
      return this;
    }
    List<Counts> all = new ArrayList<>(buckets);
    int newest = all.size() - 1;
    if (newest >= 0 && all.get(newest).labels() < LEAST_IN_BUCKET) {
      all.set(newest, all.get(newest).plus(counts));
    } else {
      all.add(counts);
    }
    return new Labels(bounded(sinceChange(all)), carriedLabels, carriedCorrect);
  }

  /** With the labels of a window of another rung, than which this one is better by so much. */
  Labels withOthers(Counts counts, double betterBy) {
    if (counts.labels() == 0) {
      return this;
    }
    double correct = expected(counts.correct(), counts.labels(), betterBy);
    return carrying(carriedLabels + counts.labels(), carriedCorrect + correct, buckets);
  }

  /** The labels for another rung, that is better than this one by so much. */
  Labels movedTo(double betterBy) {
    double labels = labels();
    return labels == 0 ? NONE : carrying(labels, expected(correct(), labels, betterBy), List.of());
  }

  /** The same when what came before says little of what comes. */
  Labels aged() {
    return movedTo(0);
  }

  /** Labels of this rung. */
  int own() {
    return buckets.stream().mapToInt(Counts::labels).sum();
  }

  /** Labels in all, those of other rungs for what they are worth. */
  double labels() {
    return own() + carriedShare() * carriedLabels;
  }

  private double correct() {
    return buckets.stream().mapToInt(Counts::correct).sum() + carriedShare() * carriedCorrect;
  }

  /** The rung's accuracy; anything from 0 to 1 where nothing is known. */
  Interval accuracy() {
    double labels = labels();
    return labels > 0
        ? Interval.ofShare(labels, Math.min(labels, correct()))
        : new Interval(0.5, 0, 1);
  }

  private double carriedShare() {
    return Math.max(0, 1 - (double) own() / ENOUGH);
  }

  private static Labels carrying(double labels, double correct, List<Counts> own) {
    double kept = Math.min(MOST_CARRIED, labels);
    return new Labels(own, kept, kept * correct / labels);
  }

  private static double expected(double correct, double labels, double betterBy) {
    return Math.max(0, Math.min(labels, correct + betterBy * labels));
  }

  private static List<Counts> sinceChange(List<Counts> all) {
    int from = 0;
    double clearest = CLEARLY_UNLIKE;
    for (int split = 1; split < all.size(); split++) {
      Counts older = sum(all.subList(0, split));
      Counts newer = sum(all.subList(split, all.size()));
      double unlike = older.unlike(newer);
      if (Math.min(older.labels(), newer.labels()) >= LEAST_TO_COMPARE && unlike > clearest) {
        clearest = unlike;
        from = split;
      }
    }
    return all.subList(from, all.size());
  }

  private static Counts sum(List<Counts> counts) {
    return counts.stream().reduce(Counts.NONE, Counts::plus);
  }

  private static List<Counts> bounded(List<Counts> counts) {
    List<Counts> all = new ArrayList<>(counts);
    while (all.size() > MOST_BUCKETS) {
      int least = leastPair(all);
      all.set(least, all.get(least).plus(all.remove(least + 1)));
    }
    int surplus = sum(all).labels() - MOST;
    while (surplus > 0) {
      Counts oldest = all.remove(0);
      if (oldest.labels() > surplus) {
        all.add(0, Counts.of(oldest.labels(), oldest.correct(), oldest.labels() - surplus));
      }
      surplus -= oldest.labels();
    }
    return all;
  }

  /** The neighbours with the fewest labels, the newest bucket not counted. */
  private static int leastPair(List<Counts> all) {
    int least = 0;
    for (int i = 1; i < all.size() - 2; i++) {
      if (all.get(i).labels() + all.get(i + 1).labels()
          < all.get(least).labels() + all.get(least + 1).labels()) {
        least = i;
      }
    }
    return least;
  }
}
