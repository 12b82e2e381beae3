package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.Divergence;
import dev.heirloom.inheritance.ladder.Cost;
import dev.heirloom.inheritance.ladder.RankPath;
import dev.heirloom.inheritance.ladder.Relaxed;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.SessionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Chooses which of the layers that gain are better left dense. A layer is factored at every rung or
 * at none, so one whose largest rank loses much holds back the top rungs. Some sets are compared
 * end to end, untrained, on held-back samples at equal cost, and the best is kept.
 */
final class DenseChoice {

  /** Shares of the way to the dense network at which a layer that is dense by then stays dense. */
  private static final double[] SHARES = {0.12, 0.25, 0.4};

  /** Where on that way the sets are compared. */
  private static final double[] COMPARED = {0.15, 0.35, 0.6};

  /** Divergence falls about with this power of the cost: what a dearer heir is charged with. */
  private static final double PENALTY = 4;

  private final Teacher teacher;
  private final Calibration calibration;
  private final Divergence divergence;
  private final Cost unit;
  private final Progress progress;

  DenseChoice(
      Teacher teacher,
      Calibration calibration,
      Divergence divergence,
      Cost unit,
      Progress progress) {
    this.teacher = teacher;
    this.calibration = calibration;
    this.divergence = divergence;
    this.unit = unit;
    this.progress = progress;
  }

  /**
   * The candidates that stay.
   *
   * @param leftDense takes the reason of each that does not
   */
  List<Candidate> choose(List<Candidate> all, Map<String, String> leftDense)
      throws MalformedException, SessionException, CancelledException {
    List<Candidate> best = all;
    double least = score(all, all);
    double whole = least;
    Set<Integer> before = Set.of();
    for (double share : SHARES) {
      Set<Integer> dense = Relaxed.dense(all.stream().map(Candidate::table).toList(), unit, share);
      if (dense.equals(before) || dense.size() == all.size()) {
        continue;
      }
      before = dense;
      List<Candidate> rest = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        if (!dense.contains(i)) {
          rest.add(all.get(i));
        }
      }
      double score = score(rest, all);
      if (score < least) {
        least = score;
        best = rest;
      }
    }
    if (best.size() < all.size()) {
      progress.note(
          String.format(
              Locale.ROOT,
              "ladder: %d of %d layers are left dense: at equal %s the divergence is %.4f, with all"
                  + " factored %.4f",
              all.size() - best.size(),
              all.size(),
              unit.title(),
              Math.exp(least),
              Math.exp(whole)));
    }
    for (Candidate candidate : all) {
      if (!best.contains(candidate)) {
        leftDense.put(candidate.dense().name(), "at equal cost the heirs are better with it dense");
      }
    }
    return best;
  }

  /** Mean logarithm of the divergence at some costs, those of dense layers counted. */
  private double score(List<Candidate> factored, List<Candidate> all)
      throws MalformedException, SessionException, CancelledException {
    HeirSketch sketch = HeirSketch.of(teacher, calibration, factored);
    List<RankPath.Point> path =
        RankPath.greedy(factored.stream().map(Candidate::table).toList(), unit);
    long least = 0;
    long most = 0;
    long fixed = 0;
    for (Candidate candidate : all) {
      least += candidate.table().options().get(0).cost(unit);
      most += candidate.table().dense().cost(unit);
      fixed += factored.contains(candidate) ? 0 : candidate.table().dense().cost(unit);
    }
    double sum = 0;
    for (double share : COMPARED) {
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      double spent = least + share * (most - least);
      RankPath.Point last = RankPath.within(path, spent - fixed);
      // A set whose cheapest heir is dearer than this is as good as that heir, and no better.
      double dearer = Math.max(1, (fixed + last.cost()) / spent);
      double found = Math.max(1e-9, divergence.of(sketch.meanKeeping(last.ranks())));
      sum += Math.log(found) + PENALTY * Math.log(dearer);
    }
    return sum / COMPARED.length;
  }
}
