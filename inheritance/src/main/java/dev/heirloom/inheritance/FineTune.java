package dev.heirloom.inheritance;

import dev.heirloom.inheritance.checkpoint.Checkpoint;
import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.LayerStart;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.Norm;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The fine-tune, once for every rung, and the recalibration of each rung after it.
 *
 * <p>An operator that the trainer does not know turns the fine-tune off for that model; its rungs
 * then keep the mean of every factored layer's output by their bias. The family as it was before
 * training is kept where it does better on held-back samples.
 */
final class FineTune {

  private static final int RECALIBRATION_SAMPLES = 1024;
  private static final int RECALIBRATION_BATCH = 128;
  private static final int CHOICE_SAMPLES = 1000;

  private final Teacher teacher;
  private final Samples samples;
  private final Calibration calibration;
  private final InheritOptions options;
  private final Progress progress;
  private final StageClock clock;
  private final SessionSettings threads;
  private final Placement placement;
  private final Optional<Checkpoint> checkpoint;

  FineTune(
      Teacher teacher,
      Samples samples,
      Calibration calibration,
      InheritOptions options,
      Progress progress,
      StageClock clock,
      Placement placement,
      Optional<Checkpoint> checkpoint) {
    this.teacher = teacher;
    this.samples = samples;
    this.calibration = calibration;
    this.options = options;
    this.progress = progress;
    this.clock = clock;
    this.threads = placement.sessions(options.threads());
    this.placement = placement;
    this.checkpoint = checkpoint;
  }

  DraftFamily run(LadderChoice.Chosen chosen)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          CancelledException {
    ModelProto skeleton =
        Skeleton.of(teacher, chosen.layers().stream().map(DraftLayer::dense).toList());
    Optional<String> unknown = NestedTrainer.unknownOperator(skeleton);
    if (unknown.isPresent()) {
      progress.note(
          "no fine-tune: the trainer does not know the operator "
              + unknown.get()
              + "; factors and biases only");
      return factorsOnly(skeleton, chosen);
    }
    TrainingPlan plan = plan(chosen);
    try (NestedTrainer trainer = new NestedTrainer(skeleton, starts(chosen), plan)) {
      clock.enter(Stage.RECALIBRATE);
      DraftFamily before = draft(skeleton, chosen, trainer);
      if (plan.steps() == 0) {
        return before;
      }
      clock.enter(Stage.FINE_TUNE);
      train(trainer);
      clock.enter(Stage.RECALIBRATE);
      DraftFamily after = draft(skeleton, chosen, trainer);
      return better(before, after);
    }
  }

  private TrainingPlan plan(LadderChoice.Chosen chosen) {
    Tuning tuning = options.tuning();
    return suitablePlan(chosen).tuned(tuning.batch(), tuning.learningRate(), tuning.arithmetic());
  }

  private TrainingPlan suitablePlan(LadderChoice.Chosen chosen) {
    int size = samples.train().size();
    boolean cuda = placement.trains();
    if (takesTokens()) {
      int steps = options.steps().orElse(Math.min(600, Math.max(100, size / 32)));
      return TrainingPlan.forTokens(
          chosen.ranksByRung(), steps, options.seed(), options.threads(), cuda);
    }
    int steps = options.steps().orElse(Math.min(300, Math.max(100, size / 64)));
    return TrainingPlan.forImages(
        chosen.ranksByRung(), steps, options.seed(), options.threads(), cuda);
  }

  private boolean takesTokens() {
    return teacher.inputs().stream()
        .anyMatch(input -> input.type() != ElementType.ELEMENT_TYPE_FLOAT32);
  }

  private List<LayerStart> starts(LadderChoice.Chosen chosen) {
    List<LayerStart> starts = new ArrayList<>();
    for (DraftLayer layer : chosen.layers()) {
      LayerStatistics statistics = statistics(layer);
      starts.add(
          new LayerStart(
              layer.pair(),
              layer.dense().bias(),
              layer.dense().isConvolution() ? Norm.FULL : Norm.MEAN,
              statistics.outputMean(),
              statistics.outputDeviation()));
    }
    return starts;
  }

  private LayerStatistics statistics(DraftLayer layer) {
    return calibration.layers().get(teacher.layers().indexOf(layer.dense()));
  }

  private void train(NestedTrainer trainer)
      throws MalformedException, SessionException, TrainingException, CancelledException {
    try (OnnxSession reference = OnnxSession.open(teacher.original().bytes(), threads)) {
      trainer.train(
          samples.train(),
          samples.preprocessor(),
          Optional.of(reference::run),
          checkpoint.flatMap(Checkpoint::training),
          new KeepingListener(progress, checkpoint));
    }
    if (progress.cancelled()) {
      throw new CancelledException();
    }
  }

  private DraftFamily draft(ModelProto skeleton, LadderChoice.Chosen chosen, NestedTrainer trainer)
      throws IOException, MalformedException, TrainingException {
    SampleSet train = samples.train();
    int[] indices = IntStream.range(0, Math.min(RECALIBRATION_SAMPLES, train.size())).toArray();
    List<List<PatchLayer>> patches =
        trainer.recalibrate(train, indices, samples.preprocessor(), RECALIBRATION_BATCH);
    Map<String, float[]> dense = trainer.denseWeights();
    List<FactorPair> pairs = trainer.layers();
    List<DraftLayer> layers = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      layers.add(chosen.layers().get(i).withPair(pairs.get(i)));
    }
    return new DraftFamily(
        Skeleton.withWeights(skeleton, dense), layers, chosen.ranksByRung(), patches);
  }

  private DraftFamily factorsOnly(ModelProto skeleton, LadderChoice.Chosen chosen)
      throws IOException {
    List<List<PatchLayer>> patches = new ArrayList<>();
    for (List<Integer> ranks : chosen.ranksByRung()) {
      List<PatchLayer> rung = new ArrayList<>();
      for (int i = 0; i < ranks.size(); i++) {
        DraftLayer layer = chosen.layers().get(i);
        rung.add(StartingPatch.of(layer, statistics(layer), ranks.get(i)));
      }
      patches.add(rung);
    }
    return new DraftFamily(skeleton, chosen.layers(), chosen.ranksByRung(), patches);
  }

  private DraftFamily better(DraftFamily before, DraftFamily after)
      throws IOException, MalformedException, SessionException {
    double untrained = meanAccuracy(before);
    double trained = meanAccuracy(after);
    progress.note(
        String.format(
            "held-back accuracy, mean over rungs: %.2f %% before the fine-tune, %.2f %% after",
            100 * untrained, 100 * trained));
    return trained >= untrained ? after : before;
  }

  private double meanAccuracy(DraftFamily draft)
      throws IOException, MalformedException, SessionException {
    SampleSet held = samples.heldBack();
    SampleSet some = held.head(Math.min(CHOICE_SAMPLES, held.size()));
    double sum = 0;
    for (int rung = 1; rung <= draft.size(); rung++) {
      try (OnnxSession session = OnnxSession.open(draft.heir(rung), threads)) {
        sum +=
            Evaluation.of(session, some, samples.preprocessor(), samples.task(), 64, done -> {})
                .accuracy();
      }
    }
    return sum / draft.size();
  }
}
