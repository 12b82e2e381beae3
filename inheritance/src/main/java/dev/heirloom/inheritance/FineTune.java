package dev.heirloom.inheritance;

import dev.heirloom.inheritance.checkpoint.Checkpoint;
import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.LayerStatistics;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.inheritance.training.LayerStart;
import dev.heirloom.inheritance.training.Lesson;
import dev.heirloom.inheritance.training.NestedTrainer;
import dev.heirloom.inheritance.training.Norm;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.inheritance.training.TrainingPlan;
import dev.heirloom.proto.onnx.ModelProto;
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

  private static final int RECALIBRATION_SAMPLES = 2048;

  /** Of sequences, each of which holds many tokens, fewer do. */
  private static final int RECALIBRATION_SEQUENCES = 512;

  private static final int RECALIBRATION_BATCH = 128;
  private static final int CHOICE_SAMPLES = 1000;
  private static final int CHOICE_SEQUENCES = 256;

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

  DraftFamily run(Chosen chosen)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          CancelledException {
    ModelProto skeleton = skeleton(chosen);
    Optional<String> unknown = NestedTrainer.unknownOperator(skeleton);
    if (unknown.isPresent()) {
      progress.note(
          "no fine-tune: the trainer does not know the operator "
              + unknown.get()
              + "; factors and biases only");
      return factorsOnly(skeleton, chosen);
    }
    TrainingPlan plan = plan(chosen, steps());
    if (plan.steps() == 0) {
      clock.enter(Stage.RECALIBRATE);
      return untrained(skeleton, chosen, plan);
    }
    clock.enter(Stage.FINE_TUNE);
    DraftFamily after;
    try (NestedTrainer trainer = new NestedTrainer(skeleton, starts(chosen), plan, lesson())) {
      train(trainer, checkpoint);
      clock.enter(Stage.RECALIBRATE);
      after = draft(skeleton, chosen, trainer, recalibrated());
    }
    // Made last, so that a fine-tune that is resumed goes on at once.
    return better(untrained(skeleton, chosen, plan), after);
  }

  /** The ladder as it was factored, recalibrated. */
  private DraftFamily untrained(ModelProto skeleton, Chosen chosen, TrainingPlan plan)
      throws IOException, MalformedException, TrainingException {
    try (NestedTrainer trainer = new NestedTrainer(skeleton, starts(chosen), plan, lesson())) {
      // The very samples whose outputs the teacher's statistics are of: their chance cancels out.
      return draft(skeleton, chosen, trainer, Inheritance.CALIBRATION_SAMPLES);
    }
  }

  private Lesson lesson() {
    return options.taskChoice().lesson(samples.purpose());
  }

  /**
   * A ladder after a fine-tune of some steps, recalibrated, whether or not it is better for it.
   *
   * @param steps from 1
   * @throws TrainingException if the trainer cannot go through this network
   */
  DraftFamily tuned(Chosen chosen, int steps)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          CancelledException {
    ModelProto skeleton = skeleton(chosen);
    try (NestedTrainer trainer =
        new NestedTrainer(skeleton, starts(chosen), plan(chosen, steps), lesson())) {
      train(trainer, Optional.empty());
      return draft(skeleton, chosen, trainer, recalibrated());
    }
  }

  private ModelProto skeleton(Chosen chosen) {
    return Skeleton.of(
        teacher,
        chosen.layers().stream().map(DraftLayer::dense).toList(),
        calibration.spatial(teacher));
  }

  /** Steps of the whole fine-tune: those asked for, or what suits the data. */
  int steps() {
    int size = samples.train().size();
    return options
        .steps()
        .orElse(
            teacher.takesTokens()
                ? Math.min(450, Math.max(100, size / 32))
                : Math.min(300, Math.max(100, size / 64)));
  }

  private TrainingPlan plan(Chosen chosen, int steps) {
    List<List<Integer>> ranks = chosen.ranksByRung();
    boolean cuda = placement.trains();
    TrainingPlan suitable =
        teacher.takesTokens()
            ? TrainingPlan.forTokens(ranks, steps, options.seed(), options.threads(), cuda)
            : TrainingPlan.forImages(ranks, steps, options.seed(), options.threads(), cuda);
    if (!teacher.takesTokens() && options.method().method().learnsImagesFromTeacherAlone()) {
      suitable = suitable.fromTeacherAlone();
    }
    Tuning tuning = options.tuning();
    return suitable.tuned(tuning.batch(), tuning.learningRate(), tuning.arithmetic());
  }

  private int recalibrated() {
    return teacher.takesTokens() ? RECALIBRATION_SEQUENCES : RECALIBRATION_SAMPLES;
  }

  private List<LayerStart> starts(Chosen chosen) {
    List<LayerStart> starts = new ArrayList<>();
    for (DraftLayer layer : chosen.layers()) {
      LayerStatistics statistics = statistics(layer);
      starts.add(
          new LayerStart(
              layer.pair(),
              layer.dense().bias(),
              layer.dense().isConvolution() ? Norm.FULL : Norm.MEAN,
              options.method().sharedDown(),
              statistics.outputMean(),
              statistics.outputDeviation()));
    }
    return starts;
  }

  private LayerStatistics statistics(DraftLayer layer) {
    return calibration.layers().get(teacher.layers().indexOf(layer.dense()));
  }

  private void train(NestedTrainer trainer, Optional<Checkpoint> kept)
      throws MalformedException, SessionException, TrainingException, CancelledException {
    List<String> wanted = trainer.teacherOutputs();
    boolean taught = options.taskChoice().distillation() != Distillation.NONE;
    try (OnnxSession reference =
        OnnxSession.open(teacher.folded().withExtraOutputs(wanted).bytes(), threads)) {
      trainer.train(
          samples.train(),
          options.augmentation().over(samples.preprocessor(), teacher.inputs(), options.seed()),
          taught ? Optional.of(inputs -> reference.run(inputs, wanted)) : Optional.empty(),
          kept.flatMap(Checkpoint::training),
          new KeepingListener(progress, kept));
    }
    if (progress.cancelled()) {
      throw new CancelledException();
    }
  }

  private DraftFamily draft(ModelProto skeleton, Chosen chosen, NestedTrainer trainer, int most)
      throws IOException, MalformedException, TrainingException {
    SampleSet train = samples.train();
    int[] indices = IntStream.range(0, Math.min(most, train.size())).toArray();
    List<List<PatchLayer>> patches = new ArrayList<>();
    trainer
        .recalibrate(train, indices, samples.preprocessor(), RECALIBRATION_BATCH)
        .forEach(rung -> patches.add(new ArrayList<>(rung)));
    Map<String, float[]> dense = trainer.denseWeights();
    List<FactorPair> pairs = trainer.layers();
    List<DraftLayer> layers = new ArrayList<>();
    boolean mayFold = options.method().method().foldsConstantGates();
    int folded = 0;
    for (int i = 0; i < pairs.size(); i++) {
      Optional<float[]> shares =
          mayFold && pairs.get(i).heads() > 1 ? trainer.constantShares(i) : Optional.empty();
      FactorPair pair = shares.map(pairs.get(i)::folded).orElse(pairs.get(i));
      layers.add(chosen.layers().get(i).withPair(pair));
      if (shares.isPresent()) {
        withoutGate(patches, i);
        folded++;
      }
    }
    if (folded > 0) {
      progress.note(
          "heads of " + folded + " layers are folded: their gates say the same of all samples");
    }
    return new DraftFamily(
        Skeleton.withWeights(skeleton, dense),
        layers,
        chosen.ranksByRung(),
        patches,
        options.wire());
  }

  private static void withoutGate(List<List<PatchLayer>> patches, int layer) {
    for (List<PatchLayer> rung : patches) {
      PatchLayer gated = rung.get(layer);
      rung.set(layer, new PatchLayer(gated.scale(), gated.bias(), new float[0]));
    }
  }

  private DraftFamily factorsOnly(ModelProto skeleton, Chosen chosen) throws IOException {
    List<List<PatchLayer>> patches = new ArrayList<>();
    for (List<Integer> ranks : chosen.ranksByRung()) {
      List<PatchLayer> rung = new ArrayList<>();
      for (int i = 0; i < ranks.size(); i++) {
        DraftLayer layer = chosen.layers().get(i);
        rung.add(StartingPatch.of(layer, statistics(layer), ranks.get(i)));
      }
      patches.add(rung);
    }
    return new DraftFamily(
        skeleton, chosen.layers(), chosen.ranksByRung(), patches, options.wire());
  }

  private DraftFamily better(DraftFamily before, DraftFamily after)
      throws IOException, MalformedException, SessionException {
    SampleSet held = samples.heldBack();
    int most = teacher.takesTokens() ? CHOICE_SEQUENCES : CHOICE_SAMPLES;
    SampleSet some = held.head(Math.min(most, held.size()));
    Evaluation.Result reference = evaluate(teacher.original().bytes(), some);
    double untrained = meanAccuracy(before, some, reference);
    double trained = meanAccuracy(after, some, reference);
    progress.note(
        String.format(
            "held-back %s, mean over rungs: %.2f %% before the fine-tune, %.2f %% after",
            samples.labelled() ? "accuracy" : "agreement", 100 * untrained, 100 * trained));
    return trained >= untrained ? after : before;
  }

  /** Against labels or, without any, against the teacher. */
  private double meanAccuracy(DraftFamily draft, SampleSet some, Evaluation.Result reference)
      throws IOException, MalformedException, SessionException {
    double sum = 0;
    for (int rung = 1; rung <= draft.size(); rung++) {
      sum += evaluate(draft.heir(rung), some).accuracy(reference);
    }
    return sum / draft.size();
  }

  private Evaluation.Result evaluate(byte[] model, SampleSet some)
      throws MalformedException, SessionException {
    try (OnnxSession session = OnnxSession.open(model, threads)) {
      return Evaluation.of(
          session, some, samples.preprocessor(), samples.purpose(), 64, done -> {});
    }
  }
}
