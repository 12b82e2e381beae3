package dev.heirloom.control.compare;

import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.InheritReport;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.file.DurableFiles;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * Makes heirs: one inheritance for a method and a seed serves every size, by the rung nearest to
 * it.
 */
final class HeirTrials {
  private static final int RUNGS = 6;

  private final Contest contest;
  private final CellStore cells;

  HeirTrials(Contest contest, CellStore cells) {
    this.contest = contest;
    this.cells = cells;
  }

  /**
   * Inherits once and keeps a cell for each trial.
   *
   * @param trials of one method and the contest's seed
   */
  void run(ComparedMethod method, List<Trial> trials)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    Path work = cells.work(method.title() + "-seed" + contest.seed());
    DurableFiles.deleteTree(work);
    try {
      List<Double> sizes = trials.stream().map(trial -> trial.size().orElseThrow()).toList();
      InheritReport report = inherit(method, sizes, work);
      Family family = Family.open(work);
      for (Trial trial : trials) {
        RungFigures rung = nearest(report.rungs(), trial.size().orElseThrow());
        byte[] heir = HeirAssembler.assemble(family.manifest(), rung.rung(), family.blobs());
        Evaluation.Result result = contest.validate(heir);
        cells.keep(
            new Cell(
                trial,
                result.accuracy(),
                result.agreement(contest.reference()),
                rung.parameters(),
                rung.macs(),
                heir.length,
                contest.samplesOf(contest.steps()),
                report.seconds()),
            heir);
      }
    } finally {
      DurableFiles.deleteTree(work);
    }
  }

  private InheritReport inherit(ComparedMethod method, List<Double> sizes, Path out)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    ComparisonSettings settings = contest.settings();
    InheritOptions options =
        new InheritOptions(
            LadderOptions.of(Math.max(RUNGS, sizes.size() + 2)).near(sizes),
            MethodOptions.of(Method.valueOf(method.name())),
            OptionalInt.of(contest.steps()),
            contest.seed(),
            settings.device(),
            settings.threads());
    return Inheritance.run(
        settings.teacher(),
        settings.train(),
        settings.validate(),
        settings.normalize(),
        out,
        options,
        contest.progress());
  }

  /** The rung whose share of the teacher's parameters is nearest to a size. */
  private RungFigures nearest(List<RungFigures> rungs, double size) {
    double wanted = size * contest.teacher().original().parameters();
    return rungs.stream()
        .min(Comparator.comparingDouble(rung -> Math.abs(rung.parameters() - wanted)))
        .orElseThrow();
  }
}
