package dev.heirloom.inheritance.training;

import static dev.heirloom.runtime.graph.Attributes.intAttribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LessonsTest {
  private static final int WIDTH = 12;
  private static final TrainingPlan PLAN =
      new TrainingPlan(
          List.of(List.of()), 80, 32, Descent.ADAMW, 0.01, 0, 2, 0.5, 0.5, 0, 4, 1, false);

  /** Two layers with two outputs: y of some width, and the hidden layer z. */
  private static OnnxModel network(long seed, int outputs) throws Exception {
    return new TinyModels(seed)
        .input("x", -1, WIDTH)
        .weight("w1", 0.3, WIDTH, 16)
        .node("MatMul", List.of("x", "w1"), "m")
        .node("Tanh", List.of("m"), "h")
        .weight("w2", 0.5, 16, outputs)
        .node("MatMul", List.of("h", "w2"), "y")
        .weight("w3", 0.5, 16, 5)
        .node("MatMul", List.of("h", "w3"), "z")
        .output("y", -1, outputs)
        .output("z", -1, 5)
        .build();
  }

  private static SampleSet.Builder inputs(int size) {
    SplittableRandom random = new SplittableRandom(2);
    ByteBuffer raw = ByteBuffer.allocate(size * WIDTH * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size * WIDTH; i++) {
      raw.putFloat((float) random.nextGaussian());
    }
    return SampleSet.of(size)
        .input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of((long) WIDTH), raw.flip());
  }

  /** The mean loss of the last steps over that of the first. */
  private static double learnt(Lesson lesson, int outputs, SampleSet samples, boolean taught)
      throws Exception {
    OnnxModel heir = network(1, outputs);
    OnnxModel teacher = network(7, outputs);
    List<Double> losses = new ArrayList<>();
    NestedTrainer.Listener listener =
        new NestedTrainer.Listener() {
          @Override
          public void step(long done, long total, double loss) {
            losses.add(loss);
          }

          @Override
          public boolean cancelled() {
            return false;
          }
        };
    try (NestedTrainer trainer = new NestedTrainer(heir.proto(), List.of(), PLAN, lesson);
        OnnxSession session =
            OnnxSession.open(
                teacher.withExtraOutputs(trainer.teacherOutputs()).bytes(),
                SessionSettings.cpu(1))) {
      Optional<TeacherLogits> said =
          taught
              ? Optional.of(values -> session.run(values, trainer.teacherOutputs()))
              : Optional.empty();
      trainer.train(samples, SmallSets.preprocessor(heir, samples), said, listener);
    }
    double first = losses.subList(0, 5).stream().mapToDouble(d -> d).average().orElseThrow();
    double last = losses.subList(70, 80).stream().mapToDouble(d -> d).average().orElseThrow();
    assertThat(last).isFinite();
    return last / first;
  }

  private static Lesson lesson(Task task, Distillation distillation) {
    return new Lesson(Purpose.of(task), distillation);
  }

  @Test
  void everyTaskIsLearntFromTheTeacherAlone() throws Exception {
    for (Task task : List.of(Task.TASK_CLASSIFICATION, Task.TASK_REGRESSION, Task.TASK_EMBEDDING)) {
      assertThat(learnt(lesson(task, Distillation.LOGITS), 4, inputs(256).build(), true))
          .as("%s", task)
          .isLessThan(0.6);
    }
  }

  @Test
  void featuresAreLearntAsValuesAndAsDirections() throws Exception {
    for (Distillation distillation : List.of(Distillation.FEATURES, Distillation.EMBEDDINGS)) {
      assertThat(learnt(lesson(Task.TASK_REGRESSION, distillation), 4, inputs(256).build(), true))
          .as("%s", distillation)
          .isLessThan(0.6);
    }
  }

  @Test
  void targetsAreLearntWithoutATeacher() throws Exception {
    SampleSet bare = inputs(256).build();
    float[] targets = new float[256];
    for (int i = 0; i < 256; i++) {
      targets[i] = 3 * bare.raw("x", i).getFloat();
    }
    SampleSet samples = inputs(256).targets(1, targets).build();
    double share = learnt(lesson(Task.TASK_REGRESSION, Distillation.NONE), 1, samples, false);
    assertThat(share).isLessThan(0.6);
  }

  @Test
  void anAutoencoderLearnsItsInput() throws Exception {
    Lesson lesson = lesson(Task.TASK_RECONSTRUCTION, Distillation.NONE);
    assertThat(learnt(lesson, WIDTH, inputs(256).build(), false)).isLessThan(0.7);
  }

  @Test
  void theOutputThatIsNamedIsTheOneThatLabelsAreAbout() throws Exception {
    OnnxModel model = network(1, 2);
    Lesson lesson = new Lesson(new Purpose(Task.TASK_REGRESSION, "z"), Distillation.LOGITS);
    try (NestedTrainer trainer = new NestedTrainer(model.proto(), List.of(), PLAN, lesson)) {
      assertThat(trainer.teacherOutputs()).containsExactly("z", "y");
      SampleSet wrong = inputs(40).targets(2, new float[80]).build();
      assertThatThrownBy(
              () ->
                  trainer.train(
                      wrong, SmallSets.preprocessor(model, wrong), Optional.empty(), silent()))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("2 targets a sample (expected: 5)");
    }
  }

  @Test
  void refusesToLearnFromNothing() throws Exception {
    OnnxModel model = network(1, 2);
    SampleSet samples = inputs(40).build();
    try (NestedTrainer trainer =
        new NestedTrainer(
            model.proto(), List.of(), PLAN, lesson(Task.TASK_REGRESSION, Distillation.NONE))) {
      assertThatThrownBy(
              () ->
                  trainer.train(
                      samples, SmallSets.preprocessor(model, samples), Optional.empty(), silent()))
          .isInstanceOf(MalformedException.class)
          .hasMessage("no labels and no teacher to learn from");
    }
  }

  @Test
  void featuresAreWhatGoesIntoTheLastLayer() throws Exception {
    assertThat(Features.of(network(1, 2).proto().getGraph(), "z")).contains("h");
    OnnxModel convolutions = SmallFamily.convolutionalModel();
    assertThat(Features.of(convolutions.proto().getGraph(), "y")).contains("f");
    OnnxModel single =
        new TinyModels(1)
            .input("x", -1, 4)
            .weight("w", 1, 4, 3)
            .node("Gemm", List.of("x", "w"), "y", intAttribute("transB", 0))
            .output("y", -1, 3)
            .build();
    assertThat(Features.of(single.proto().getGraph(), "y")).isEmpty();
    assertThatThrownBy(
            () ->
                new NestedTrainer(
                    single.proto(),
                    List.of(),
                    PLAN,
                    lesson(Task.TASK_REGRESSION, Distillation.FEATURES)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("no features before the last layer");
  }

  private static NestedTrainer.Listener silent() {
    return new NestedTrainer.Listener() {
      @Override
      public void step(long done, long total, double loss) {}

      @Override
      public boolean cancelled() {
        return false;
      }
    };
  }
}
