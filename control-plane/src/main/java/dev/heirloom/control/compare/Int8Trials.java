package dev.heirloom.control.compare;

import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.Stage;
import dev.heirloom.inheritance.quantization.ActivationRanges;
import dev.heirloom.inheritance.quantization.StaticQuantization;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;

/** Makes the teacher in 8 bits; whether its ranges clip outliers is chosen on held-back samples. */
final class Int8Trials {
  private static final int CALIBRATION_SAMPLES = 384;
  private static final double[] COVERAGES = {1, 0.9999};

  private final Contest contest;
  private final CellStore cells;

  Int8Trials(Contest contest, CellStore cells) {
    this.contest = contest;
    this.cells = cells;
  }

  void run(Trial trial)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          CancelledException {
    long beganNs = System.nanoTime();
    contest.progress().stage(Stage.CALIBRATE);
    OnnxModel folded = contest.teacher().folded();
    SampleSet some = contest.samples().train().head(CALIBRATION_SAMPLES);
    ActivationRanges ranges =
        ActivationRanges.observe(
            folded,
            some,
            contest.samples().preprocessor(),
            SessionSettings.cpu(contest.settings().threads()),
            () -> !contest.progress().cancelled());
    contest.check();
    byte[] best = new byte[0];
    double bestAccuracy = -1;
    for (double coverage : COVERAGES) {
      byte[] int8 = StaticQuantization.of(folded, ranges, coverage).bytes();
      double accuracy = contest.evaluate(int8, contest.samples().heldBack()).accuracy();
      if (accuracy > bestAccuracy) {
        bestAccuracy = accuracy;
        best = int8;
      }
    }
    double seconds = (System.nanoTime() - beganNs) / 1e9;
    Evaluation.Result result = contest.validate(best);
    cells.keep(
        new Cell(
            trial,
            result.accuracy(),
            result.agreement(contest.reference()),
            folded.parameters(),
            contest.teacherMacs(),
            best.length,
            some.size(),
            seconds),
        best);
  }
}
