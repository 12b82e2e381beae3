package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.inheritance.sample.Augmentation;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NestedTrainerTest {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final int[] FIRST_64 = IntStream.range(0, 64).toArray();

  /** Notes the losses, and ends training after some steps. */
  private static final class Losses implements NestedTrainer.Listener {
    private final List<Double> values = new ArrayList<>();
    private final int last;

    Losses(int last) {
      this.last = last;
    }

    @Override
    public void step(long done, long total, double loss) {
      values.add(loss);
    }

    @Override
    public boolean cancelled() {
      return values.size() >= last;
    }

    double mean(int from, int to) {
      return values.subList(from, to).stream().mapToDouble(d -> d).average().orElseThrow();
    }
  }

  private static Losses unending() {
    return new Losses(Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @CsvSource({"FULL,1", "FULL,3", "MEAN,1", "MEAN,3", "NONE,1", "NONE,3"})
  void trainingReachesEveryPartOfALayer(Norm norm, int heads) throws Exception {
    SmallFamily family = SmallFamily.convolutions(norm, heads);
    try (NestedTrainer trainer = family.trainer(family.plan(8))) {
      List<List<PatchLayer>> before =
          trainer.recalibrate(family.samples(), FIRST_64, family.preprocessor(), 32);
      Map<String, float[]> dense = trainer.denseWeights();
      trainer.train(family.samples(), family.preprocessor(), Optional.empty(), unending());
      List<List<PatchLayer>> after =
          trainer.recalibrate(family.samples(), FIRST_64, family.preprocessor(), 32);
      for (int i = 0; i < family.starts().size(); i++) {
        FactorPair start = family.starts().get(i).pair();
        FactorPair trained = trainer.layers().get(i);
        assertThat(trained.down()).isNotEqualTo(start.down());
        assertThat(trained.up(0)).isNotEqualTo(start.up(0));
        assertThat(after.get(0).get(i).bias()).isNotEqualTo(before.get(0).get(i).bias());
        if (norm == Norm.FULL) {
          assertThat(after.get(1).get(i).scale()).isNotEqualTo(before.get(1).get(i).scale());
        }
        if (heads > 1) {
          assertThat(trained.gate()).isNotEqualTo(start.gate());
          assertThat(after.get(0).get(i).gateBias()).isNotEqualTo(before.get(0).get(i).gateBias());
        }
      }
      assertThat(trainer.denseWeights())
          .allSatisfy((name, values) -> assertThat(values).isNotEqualTo(dense.get(name)));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "true,FULL,1",
    "true,FULL,3",
    "true,NONE,3",
    "true,MEAN,1",
    "false,FULL,1",
    "false,MEAN,3",
    "false,NONE,1"
  })
  void aRungComputesWhatItsHeirComputes(boolean convolutions, Norm norm, int heads)
      throws Exception {
    SmallFamily family =
        convolutions ? SmallFamily.convolutions(norm, heads) : SmallFamily.linear(norm, heads);
    try (NestedTrainer trainer = family.trainer(family.plan(6))) {
      trainer.train(family.samples(), family.preprocessor(), Optional.empty(), unending());
      List<List<PatchLayer>> patches =
          trainer.recalibrate(family.samples(), FIRST_64, family.preprocessor(), 32);
      Map<String, TensorValue> inputs =
          family.preprocessor().batch(family.samples(), new int[] {3, 1, 4, 15, 9});
      for (int rung = 1; rung <= 2; rung++) {
        byte[] heir = family.heir(trainer, patches, rung);
        try (OnnxSession session = OnnxSession.open(heir, SessionSettings.cpu(1))) {
          float[] expected = session.runFirst(inputs).toFloats();
          float[] actual = y(trainer.forward(rung, patches.get(rung - 1), inputs));
          float largest = 1;
          for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
          }
          assertThat(actual).hasSameSizeAs(expected);
          for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f * largest));
          }
        }
      }
    }
  }

  @Test
  void aPrefixOfATrainedFamilyIsAModel() throws Exception {
    SmallFamily family = SmallFamily.convolutions(Norm.FULL, 1);
    TrainingPlan plan = family.plan(5);
    try (NestedTrainer trainer = family.trainer(plan)) {
      trainer.train(family.samples(), family.preprocessor(), Optional.empty(), unending());
      List<List<PatchLayer>> patches =
          trainer.recalibrate(family.samples(), FIRST_64, family.preprocessor(), 32);
      Map<String, TensorValue> inputs = family.preprocessor().batch(family.samples(), FIRST_64);
      List<LayerStart> smallest = new ArrayList<>();
      for (int i = 0; i < family.starts().size(); i++) {
        int rank = plan.ranksByRung().get(0).get(i);
        smallest.add(family.start(trainer.layers().get(i).prefix(rank), i));
      }
      TrainingPlan alone = TrainingPlan.forImages(plan.ranksByRung().subList(0, 1), 0, 1, 1, false);
      try (NestedTrainer prefix =
          new NestedTrainer(
              Skeleton.withWeights(family.skeleton(), trainer.denseWeights()), smallest, alone)) {
        assertThat(y(prefix.forward(1, patches.get(0), inputs)))
            .isEqualTo(y(trainer.forward(1, patches.get(0), inputs)));
      }
    }
  }

  @Test
  void beforeTrainingTheLargestRungIsTheTeacher() throws Exception {
    SmallFamily family = SmallFamily.convolutions(Norm.NONE, 1);
    Map<String, TensorValue> inputs = family.preprocessor().batch(family.samples(), FIRST_64);
    try (NestedTrainer trainer = family.trainer(family.plan(0));
        OnnxSession teacher =
            OnnxSession.open(family.teacher().original().bytes(), SessionSettings.cpu(1))) {
      List<List<PatchLayer>> patches =
          trainer.recalibrate(family.samples(), FIRST_64, family.preprocessor(), 32);
      float[] expected = teacher.runFirst(inputs).toFloats();
      float[] actual = y(trainer.forward(2, patches.get(1), inputs));
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-3f));
      }
    }
  }

  @Test
  void lossFallsWithLabels() throws Exception {
    SmallFamily family = SmallFamily.convolutions(Norm.FULL, 1);
    Losses losses = unending();
    try (NestedTrainer trainer = family.trainer(family.plan(60))) {
      long done = trainer.train(family.samples(), family.preprocessor(), Optional.empty(), losses);
      assertThat(done).isEqualTo(60);
    }
    assertThat(losses.mean(50, 60)).isLessThan(0.5 * losses.mean(0, 5));
  }

  @Test
  void lossFallsTowardTheTeacher() throws Exception {
    SmallFamily family = SmallFamily.linear(Norm.NONE, 3);
    Losses losses = unending();
    try (NestedTrainer trainer = family.trainer(family.plan(60));
        OnnxSession teacher =
            OnnxSession.open(family.teacher().original().bytes(), SessionSettings.cpu(1))) {
      trainer.train(family.samples(), family.preprocessor(), Optional.of(teacher::run), losses);
    }
    assertThat(losses.mean(50, 60)).isLessThan(0.7 * losses.mean(0, 5));
  }

  @Test
  void theSameSeedGivesTheSameWeights() throws Exception {
    SmallFamily family = SmallFamily.convolutions(Norm.FULL, 3);
    List<float[]> downs = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (NestedTrainer trainer = family.trainer(family.plan(10))) {
        trainer.train(family.samples(), family.preprocessor(), Optional.empty(), unending());
        downs.add(trainer.layers().get(1).down());
      }
    }
    assertThat(downs.get(0)).isEqualTo(downs.get(1));
  }

  @Test
  void augmentsWhatTheTeacherSeesTheSameWayForTheSameSeed() throws Exception {
    SmallFamily family = SmallFamily.convolutions(Norm.NONE, 1);
    TrainingPlan plan =
        family.plan(3).tuned(OptionalInt.empty(), OptionalDouble.empty(), Arithmetic.FLOAT32);
    List<List<float[]>> seen = new ArrayList<>();
    List<float[]> trained = new ArrayList<>();
    for (String changes : List.of("crop=2,flip", "crop=2,flip", "")) {
      List<float[]> batches = new ArrayList<>();
      Preprocessor augmented =
          Augmentation.parse(changes).over(family.preprocessor(), family.teacher().inputs(), 11);
      try (NestedTrainer trainer = family.trainer(plan);
          OnnxSession teacher =
              OnnxSession.open(family.teacher().original().bytes(), SessionSettings.cpu(1))) {
        TeacherLogits logits =
            inputs -> {
              batches.add(Objects.requireNonNull(inputs.get("x")).toFloats());
              return teacher.run(inputs);
            };
        trainer.train(family.samples(), augmented, Optional.of(logits), unending());
        trained.add(trainer.layers().get(0).down());
      }
      seen.add(batches);
    }
    assertThat(seen.get(0)).hasSize(3);
    for (int step = 0; step < 3; step++) {
      assertThat(seen.get(1).get(step)).isEqualTo(seen.get(0).get(step));
      assertThat(seen.get(2).get(step)).isNotEqualTo(seen.get(0).get(step));
    }
    assertThat(trained.get(1)).isEqualTo(trained.get(0));
    assertThat(trained.get(2)).isNotEqualTo(trained.get(0));
  }

  @Test
  void endsBetweenStepsWhenCancelled() throws Exception {
    SmallFamily family = SmallFamily.linear(Norm.MEAN, 1);
    try (NestedTrainer trainer = family.trainer(family.plan(50))) {
      long done =
          trainer.train(family.samples(), family.preprocessor(), Optional.empty(), new Losses(3));
      assertThat(done).isEqualTo(3);
    }
  }

  @Test
  void memoryStaysFlat() throws Exception {
    assumeTrue(Files.exists(STATUS));
    SmallFamily family = SmallFamily.convolutions(Norm.FULL, 3);
    long[] residentKb = new long[201];
    NestedTrainer.Listener listener =
        new NestedTrainer.Listener() {
          @Override
          public void step(long done, long total, double loss) {
            residentKb[(int) done] = done % 50 == 0 ? residentKb() : 0;
          }

          @Override
          public boolean cancelled() {
            return false;
          }
        };
    try (NestedTrainer trainer = family.trainer(family.plan(200))) {
      trainer.train(family.samples(), family.preprocessor(), Optional.empty(), listener);
    }
    assertThat(residentKb[200] - residentKb[50]).isLessThan(40_000);
  }

  private static long residentKb() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void namesTheOperatorThatItDoesNotKnow() throws Exception {
    OnnxModel model =
        new TinyModels(1)
            .input("x", -1, 4)
            .node("Relu", List.of("x"), "r")
            .node("Hardmax", List.of("r"), "y")
            .output("y", -1, 4)
            .build();
    assertThat(NestedTrainer.unknownOperator(model.proto())).contains("Hardmax");
    TrainingPlan plan = TrainingPlan.forImages(List.of(List.of()), 1, 1, 1, false);
    assertThatThrownBy(() -> new NestedTrainer(model.proto(), List.of(), plan))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("Hardmax");
  }

  @Test
  void saysInOneLineWhichNodeFails() throws Exception {
    OnnxModel model =
        new TinyModels(1)
            .input("x", -1, 4)
            .weight("w", 1, 5, 3)
            .node("MatMul", List.of("x", "w"), "y")
            .output("y", -1, 3)
            .build();
    TrainingPlan plan = TrainingPlan.forImages(List.of(List.of()), 1, 1, 1, false);
    try (NestedTrainer trainer = new NestedTrainer(model.proto(), List.of(), plan)) {
      assertThatThrownBy(
              () -> trainer.forward(1, List.of(), Map.of("x", SmallSets.uniform(1, 2, 4))))
          .isInstanceOf(TrainingException.class)
          .hasMessageStartingWith("node y (MatMul): ")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void saysInOneLineThatMemoryIsLacking() throws Exception {
    OnnxModel model =
        new TinyModels(1)
            .input("x", -1, 1)
            .weight("wide", 1, 1, 1 << 22)
            .node("MatMul", List.of("x", "wide"), "y")
            .output("y", -1, 1 << 22)
            .build();
    TrainingPlan plan = TrainingPlan.forImages(List.of(List.of()), 1, 1, 1, false);
    // 2^48 bytes: more than any process can address.
    TensorValue tall = TensorValue.floats(new float[1 << 24], 1 << 24, 1);
    try (NestedTrainer trainer = new NestedTrainer(model.proto(), List.of(), plan)) {
      assertThatThrownBy(() -> trainer.forward(1, List.of(), Map.of("x", tall)))
          .isInstanceOf(TrainingException.class)
          .hasMessageContaining("allocate memory")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void rejectsLabelsOutOfRange() throws Exception {
    SmallFamily family = SmallFamily.linear(Norm.NONE, 1);
    SampleSet wrong =
        SampleSet.of(2)
            .input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(24L), ByteBuffer.allocate(192))
            .labels(1, 0, SmallSets.CLASSES)
            .build();
    try (NestedTrainer trainer = family.trainer(family.plan(1))) {
      assertThatThrownBy(
              () -> trainer.train(wrong, family.preprocessor(), Optional.empty(), unending()))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("label of sample 1: 4");
    }
  }

  @Test
  void rejectsMoreLabelsThanAnswers() throws Exception {
    SmallFamily family = SmallFamily.linear(Norm.NONE, 1);
    SampleSet wrong =
        SampleSet.of(1)
            .input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(24L), ByteBuffer.allocate(96))
            .labels(2, 0, 1)
            .build();
    try (NestedTrainer trainer = family.trainer(family.plan(1))) {
      assertThatThrownBy(
              () -> trainer.train(wrong, family.preprocessor(), Optional.empty(), unending()))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("labels per sample: 2 (expected: 1");
    }
  }

  @Test
  void trainsAPlainNetworkFromScratch() throws Exception {
    OnnxModel model = SmallFamily.convolutionalModel();
    SampleSet samples = SmallSets.patterns(512, 3, 3, 8, 8);
    SampleSet unseen = SmallSets.patterns(128, 4, 3, 8, 8);
    var preprocessor = SmallSets.preprocessor(model, samples);
    TrainingPlan plan =
        new TrainingPlan(
            List.of(List.of()), 60, 64, Descent.SGD, 0.05, 5e-4, 1, 1, 0, 0, 1, 1, false);
    try (NestedTrainer trainer = new NestedTrainer(model.proto(), List.of(), plan)) {
      trainer.train(samples, preprocessor, Optional.empty(), unending());
      Map<String, float[]> weights = trainer.denseWeights();
      assertThat(weights).containsKeys("a_m", "a_v", "b_m", "b_v", "a_w", "a_g");
      byte[] trained = Skeleton.withWeights(model.proto(), weights).toByteArray();
      int[] all = IntStream.range(0, unseen.size()).toArray();
      try (OnnxSession session = OnnxSession.open(trained, SessionSettings.cpu(1))) {
        float[] scores = session.runFirst(preprocessor.batch(unseen, all)).toFloats();
        assertThat(accuracy(scores, unseen)).isGreaterThan(0.9);
      }
    }
  }

  private static double accuracy(float[] scores, SampleSet samples) {
    int right = 0;
    for (int s = 0; s < samples.size(); s++) {
      int best = 0;
      for (int c = 1; c < SmallSets.CLASSES; c++) {
        int offset = s * SmallSets.CLASSES;
        best = scores[offset + c] > scores[offset + best] ? c : best;
      }
      right += best == samples.label(s, 0) ? 1 : 0;
    }
    return (double) right / samples.size();
  }

  private static float[] y(Map<String, TensorValue> outputs) {
    return Objects.requireNonNull(outputs.get("y")).toFloats();
  }
}
