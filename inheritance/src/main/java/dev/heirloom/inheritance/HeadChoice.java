package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.Divergence;
import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Chooses between one head and several gated ones, on held-back samples, at equal bytes, after a
 * short fine-tune of each.
 *
 * <p>Gated heads buy expressiveness with rank and with time. They are taken where they bring an
 * heir of the same size nearer to the teacher and cost little time; one head is the rule.
 */
final class HeadChoice {

  private static final int GATED_HEADS = 3;

  /** The size at which both are compared, as a share of the teacher's parameters. */
  private static final double SHARE = 0.4;

  /** Part of the fine-tune's steps that each of the two gets. */
  private static final int TRIAL_PART = 8;

  private static final int LEAST_STEPS = 10;

  /** With a fine-tune below this, the two trials would take longer than it does. */
  private static final int LEAST_FINE_TUNE = 2 * LEAST_STEPS;

  private static final int MOST_STEPS = 40;

  /** Where gated heads start out with so many times one head's divergence, none is trained. */
  private static final double HOPELESS = 2;

  /** Gated heads must leave less than this share of one head's divergence. */
  private static final double WORTH = 0.95;

  /** Gated heirs may take at most so much of the teacher's time, and of a folded heir's. */
  private static final double MOST_OF_TEACHER = 0.97;

  private static final double MOST_OF_FOLDED = 1.25;

  private final Teacher teacher;
  private final LadderChoice ladder;
  private final FineTune fineTune;
  private final Progress progress;

  HeadChoice(Teacher teacher, LadderChoice ladder, FineTune fineTune, Progress progress) {
    this.teacher = teacher;
    this.ladder = ladder;
    this.fineTune = fineTune;
    this.progress = progress;
  }

  /** How one form did. */
  private record Trial(double divergence, HeirTiming.Relative time, double share) {}

  /**
   * The ladder with the better number of heads.
   *
   * @param folded the ladder with one head
   */
  Chosen choose(Chosen folded, Map<DenseLayer, Factorization> factors)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    if (fineTune.steps() == 0
        || NestedTrainer.unknownOperator(teacher.folded().proto()).isPresent()) {
      return folded;
    }
    if (fineTune.steps() < LEAST_FINE_TUNE) {
      progress.note(
          "heads: one; a fine-tune of %d steps is too short to try more (%d are enough)"
              .formatted(fineTune.steps(), LEAST_FINE_TUNE));
      return folded;
    }
    Optional<Chosen> gated = gatedAlone(factors, SHARE);
    if (gated.isEmpty()) {
      progress.note("heads: one; with three gated ones no heir of that size gains");
      return folded;
    }
    int steps = Math.max(LEAST_STEPS, Math.min(MOST_STEPS, fineTune.steps() / TRIAL_PART));
    Divergence divergence = ladder.divergence();
    try (HeirTiming timing = ladder.timing()) {
      byte[] start = ladder.untrained(gated.get());
      double share = share(OnnxModel.parse(start, "heir").parameters());
      Chosen single = ladder.single(factors, 1, share);
      double gatedStart = divergence.of(start);
      double singleStart = divergence.of(ladder.untrained(single));
      if (gatedStart > HOPELESS * singleStart) {
        progress.note(
            String.format(
                Locale.ROOT,
                "heads: one; untrained, at %.2f of the parameters, it leaves a divergence of %.4f,"
                    + " three gated ones %.4f",
                share,
                singleStart,
                gatedStart));
        return folded;
      }
      Trial several = trial(gated.get(), steps, divergence, timing);
      if (several.time.worst() >= MOST_OF_TEACHER) {
        progress.note(
            String.format(
                Locale.ROOT,
                "heads: one; with three gated ones an heir takes %.2f of the teacher's time",
                several.time.worst()));
        return folded;
      }
      Trial one = trial(single, steps, divergence, timing);
      boolean worth =
          several.divergence < WORTH * one.divergence
              && several.time.oneThread() <= MOST_OF_FOLDED * one.time.oneThread();
      progress.note(
          String.format(
              Locale.ROOT,
              "heads: after %d steps at %.2f of the parameters one leaves a divergence of %.4f at"
                  + " %.2f of the teacher's time, three gated ones %.4f at %.2f; %s taken",
              steps,
              several.share,
              one.divergence,
              one.time.oneThread(),
              several.divergence,
              several.time.oneThread(),
              worth ? "three are" : "one is"));
      return worth ? ladder.choose(factors, GATED_HEADS) : folded;
    }
  }

  /** A ladder of one rung of that size in which at least one layer has a gate. */
  private Optional<Chosen> gatedAlone(Map<DenseLayer, Factorization> factors, double share)
      throws IOException, MalformedException, SessionException, CancelledException {
    try {
      Chosen chosen = ladder.single(factors, GATED_HEADS, share);
      return Optional.of(chosen)
          .filter(c -> c.layers().stream().anyMatch(layer -> layer.pair().heads() > 1));
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }

  private double share(long parameters) {
    return (double) parameters / teacher.original().parameters();
  }

  private Trial trial(Chosen chosen, int steps, Divergence divergence, HeirTiming timing)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          CancelledException {
    DraftFamily tuned = fineTune.tuned(chosen, steps);
    byte[] heir = tuned.heir(1);
    return new Trial(divergence.of(heir), timing.measure(heir), share(tuned.parameters(1)));
  }
}
