package dev.heirloom.control.compare;

import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.Stage;
import dev.heirloom.inheritance.student.Student;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.TeacherLogits;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Makes students: from nothing, on the labels alone or distilled from the teacher. */
final class StudentTrials {
  /** What starts from nothing takes larger steps than what is only fine-tuned. */
  private static final double IMAGE_RATE = 0.1;

  private static final double TOKEN_RATE = 2e-3;

  /** A doubling of training that gains less than this on held-back samples gains nothing. */
  private static final double GAIN = 0.0005;

  private static final int PATIENCE = 2;
  private static final int MOST_ROUNDS = 9;

  private final Contest contest;
  private final CellStore cells;

  StudentTrials(Contest contest, CellStore cells) {
    this.contest = contest;
    this.cells = cells;
  }

  /** A trained network, and how many steps that took. */
  private record Trained(OnnxModel network, long steps) {}

  void run(Trial trial)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    long beganNs = System.nanoTime();
    Student student = student(trial.size().orElseThrow());
    Optional<String> unknown = NestedTrainer.unknownOperator(student.untrained().proto());
    if (unknown.isPresent()) {
      throw new RefusedException(
          "no student can be trained: the trainer does not know the operator " + unknown.get(),
          List.of());
    }
    Trained trained =
        trial.method() == ComparedMethod.CONVERGED
            ? untilItStops(student)
            : once(student, trial.method() == ComparedMethod.DISTILLED);
    double seconds = (System.nanoTime() - beganNs) / 1e9;
    byte[] bytes = trained.network().bytes();
    Evaluation.Result result = contest.validate(bytes);
    cells.keep(
        new Cell(
            trial,
            result.accuracy(),
            result.agreement(contest.reference()),
            trained.network().parameters(),
            Macs.measure(trained.network(), contest.oneSample(), SessionSettings.cpu(1)),
            bytes.length,
            contest.samplesOf(trained.steps()),
            seconds),
        bytes);
  }

  private Student student(double size)
      throws IOException, MalformedException, SessionException, RefusedException {
    long parameters = Math.round(size * contest.teacher().original().parameters());
    if (contest.settings().students().isEmpty()) {
      return Student.ofKind(contest.teacher(), contest.oneSample(), parameters, contest.seed());
    }
    OnnxModel nearest = null;
    for (Path file : contest.settings().students()) {
      OnnxModel model = OnnxModel.read(file);
      if (nearest == null
          || Math.abs(model.parameters() - parameters)
              < Math.abs(nearest.parameters() - parameters)) {
        nearest = model;
      }
    }
    if (nearest == null || !nearest.inputs().equals(contest.teacher().inputs())) {
      throw new RefusedException(
          "--student: its inputs are not the teacher's "
              + contest.teacher().inputs().stream()
                  .map(input -> input.name() + " " + input.dims())
                  .toList(),
          List.of());
    }
    return Student.of(nearest, contest.seed());
  }

  private Trained once(Student student, boolean distilled)
      throws MalformedException, SessionException, TrainingException, CancelledException {
    Map<String, float[]> weights = train(student, contest.steps(), contest.seed(), distilled);
    return new Trained(student.trained(weights), contest.steps());
  }

  /** Rounds of training, each twice as long as the one before it, until two gain nothing. */
  private Trained untilItStops(Student student)
      throws MalformedException, SessionException, TrainingException, CancelledException {
    Student current = student;
    OnnxModel best = student.untrained();
    double bestAccuracy = 0;
    long steps = 0;
    int withoutGain = 0;
    for (int round = 0; round < MOST_ROUNDS && withoutGain < PATIENCE; round++) {
      int length = Math.multiplyExact(contest.steps(), 1 << round);
      Map<String, float[]> weights = train(current, length, contest.seed() + 1000L * round, true);
      steps += length;
      current = current.with(weights);
      OnnxModel network = student.trained(weights);
      double accuracy = contest.evaluate(network.bytes(), contest.samples().heldBack()).accuracy();
      withoutGain = accuracy > bestAccuracy + GAIN ? 0 : withoutGain + 1;
      contest
          .progress()
          .note(String.format("after %d steps: held-back accuracy %.2f %%", steps, 100 * accuracy));
      if (accuracy > bestAccuracy) {
        bestAccuracy = accuracy;
        best = network;
      }
    }
    return new Trained(best, steps);
  }

  private Map<String, float[]> train(Student student, int steps, long seed, boolean distilled)
      throws MalformedException, SessionException, TrainingException, CancelledException {
    contest.progress().stage(Stage.FINE_TUNE);
    byte[] teacher = contest.teacher().original().bytes();
    SessionSettings threads = SessionSettings.cpu(contest.settings().threads());
    try (OnnxSession reference = OnnxSession.open(teacher, threads);
        NestedTrainer trainer =
            new NestedTrainer(student.untrained().proto(), List.of(), plan(steps, seed))) {
      Optional<TeacherLogits> logits = distilled ? Optional.of(reference::run) : Optional.empty();
      trainer.train(
          contest.samples().train(), contest.samples().preprocessor(), logits, new Steps());
      contest.check();
      return trainer.denseWeights();
    }
  }

  private TrainingPlan plan(int steps, long seed) {
    boolean cuda =
        !contest.settings().device().equals("cpu") && NestedTrainer.cudaMissing().isEmpty();
    TrainingPlan heirs = contest.heirPlan(steps, seed, cuda);
    return new TrainingPlan(
        heirs.ranksByRung(),
        steps,
        heirs.batch(),
        heirs.descent(),
        contest.teacher().takesTokens() ? TOKEN_RATE : IMAGE_RATE,
        heirs.weightDecay(),
        heirs.temperature(),
        heirs.hardWeight(),
        heirs.softWeight(),
        heirs.balanceWeight(),
        seed,
        heirs.threads(),
        cuda);
  }

  private final class Steps implements NestedTrainer.Listener {
    @Override
    public void step(long done, long total, double loss) {
      contest.progress().step(done, total, OptionalDouble.of(loss));
    }

    @Override
    public boolean cancelled() {
      return contest.progress().cancelled();
    }
  }
}
