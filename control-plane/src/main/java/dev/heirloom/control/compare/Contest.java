package dev.heirloom.control.compare;

import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.Progress;
import dev.heirloom.inheritance.Samples;
import dev.heirloom.inheritance.Stage;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What all trials of one seed have in common.
 *
 * @param samples split by the seed
 * @param steps of training
 * @param reference what the teacher says to the validation samples
 */
record Contest(
    ComparisonSettings settings,
    Teacher teacher,
    Samples samples,
    long seed,
    int steps,
    Evaluation.Result reference,
    Progress progress) {
  private static final int BATCH = 64;
  private static final int IMAGE_STEPS = 300;
  private static final int TOKEN_STEPS = 450;

  /** Steps where none are asked for. */
  static int defaultSteps(Teacher teacher) {
    return teacher.takesTokens() ? TOKEN_STEPS : IMAGE_STEPS;
  }

  /** How heirs are trained; students take over what does not depend on where they start. */
  TrainingPlan heirPlan(int forSteps, long withSeed, boolean cuda) {
    List<List<Integer>> none = List.of(List.of());
    return teacher.takesTokens()
        ? TrainingPlan.forTokens(none, forSteps, withSeed, settings.threads(), cuda)
        : TrainingPlan.forImages(none, forSteps, withSeed, settings.threads(), cuda);
  }

  /** Training samples of so many steps, counted each time they are in a batch. */
  long samplesOf(long ofSteps) {
    return ofSteps * Math.min(heirPlan(1, seed, false).batch(), samples.train().size());
  }

  /** One sample as the teacher takes it. */
  Map<String, TensorValue> oneSample() {
    return samples.preprocessor().batch(samples.heldBack(), new int[] {0});
  }

  long teacherMacs() throws SessionException, MalformedException {
    return Macs.measure(teacher.folded(), oneSample(), SessionSettings.cpu(1));
  }

  void check() throws CancelledException {
    if (progress.cancelled()) {
      throw new CancelledException();
    }
  }

  /** What a network says to the validation samples. */
  Evaluation.Result validate(byte[] network)
      throws SessionException, MalformedException, CancelledException {
    return evaluate(network, samples.validate());
  }

  Evaluation.Result evaluate(byte[] network, SampleSet set)
      throws SessionException, MalformedException, CancelledException {
    return evaluate(network, set, samples, settings.threads(), progress);
  }

  static Evaluation.Result evaluate(
      byte[] network, SampleSet set, Samples samples, int threads, Progress progress)
      throws SessionException, MalformedException, CancelledException {
    progress.stage(Stage.EVALUATE);
    try (OnnxSession session = OnnxSession.open(network, SessionSettings.cpu(threads))) {
      Evaluation.Result result =
          Evaluation.of(
              session,
              set,
              samples.preprocessor(),
              samples.purpose(),
              BATCH,
              done -> progress.step(done, set.size(), OptionalDouble.empty()));
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      return result;
    }
  }
}
