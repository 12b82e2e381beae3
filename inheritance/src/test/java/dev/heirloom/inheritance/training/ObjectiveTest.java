package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.measure.Likeness;
import dev.heirloom.runtime.measure.Purpose;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ObjectiveTest {
  private static final float[] EXPECTED = {1, 5, 2, 7, 6, 0};
  private static final float[] ACTUAL = {2, 5, 2, 4, 3, 1};

  private final PointerScope scope = new PointerScope();

  @AfterEach
  void release() {
    scope.close();
  }

  private static Tensor rows(float... values) {
    return Tensors.floats(values, 3, values.length / 3);
  }

  private static Response response(float... answer) {
    return new Response(rows(answer), List.of(), Optional.empty());
  }

  private static Objective objective(Task task, Distillation distillation) {
    TrainingPlan plan =
        new TrainingPlan(
            List.of(List.of()), 1, 3, Descent.SGD, 0.1, 0, 2, 0.25, 0.5, 0, 1, 1, false);
    return new Objective(plan, new Lesson(Purpose.of(task), distillation));
  }

  private static double loss(
      Task task, Response heir, Optional<Tensor> right, Optional<Response> teacher) {
    return objective(task, Distillation.LOGITS).loss(heir, right, teacher, List.of()).item_double();
  }

  @Test
  void whatARegressionMissesIsAShareOfTheSpread() {
    double missed = Likeness.unexplained(EXPECTED, ACTUAL, 2);
    assertThat(Objective.missed(rows(EXPECTED), rows(ACTUAL)).item_double())
        .isCloseTo(missed, within(1e-5));
    double both =
        loss(
            Task.TASK_REGRESSION,
            response(ACTUAL),
            Optional.of(rows(2, 5, 2, 4, 3, 2)),
            Optional.of(response(EXPECTED)));
    double labels = Likeness.unexplained(new float[] {2, 5, 2, 4, 3, 2}, ACTUAL, 2);
    assertThat(both).isCloseTo(0.25 * labels + 0.5 * missed, within(1e-5));
  }

  @Test
  void withoutATeacherLabelsCountInFullAndWithoutLabelsTheTeacherAlone() {
    double missed = Likeness.unexplained(EXPECTED, ACTUAL, 2);
    assertThat(
            loss(
                Task.TASK_REGRESSION,
                response(ACTUAL),
                Optional.of(rows(EXPECTED)),
                Optional.empty()))
        .isCloseTo(missed, within(1e-5));
    assertThat(
            loss(
                Task.TASK_REGRESSION,
                response(ACTUAL),
                Optional.empty(),
                Optional.of(response(EXPECTED))))
        .isCloseTo(0.5 * missed, within(1e-5));
  }

  @Test
  void anEmbeddingIsTurnedAndMissed() {
    double turned = 1 - Likeness.cosine(EXPECTED, ACTUAL, 2);
    assertThat(Objective.turned(rows(EXPECTED), rows(ACTUAL)).item_double())
        .isCloseTo(turned, within(1e-5));
    assertThat(
            loss(
                Task.TASK_EMBEDDING,
                response(ACTUAL),
                Optional.empty(),
                Optional.of(response(EXPECTED))))
        .isCloseTo(0.5 * (turned + Likeness.unexplained(EXPECTED, ACTUAL, 2)), within(1e-5));
  }

  @Test
  void otherOutputsAndFeaturesAddWhatTheyMiss() {
    Response heir =
        new Response(
            rows(EXPECTED), List.of(rows(ACTUAL), rows(EXPECTED)), Optional.of(rows(ACTUAL)));
    Response teacher =
        new Response(
            rows(EXPECTED), List.of(rows(EXPECTED), rows(EXPECTED)), Optional.of(rows(EXPECTED)));
    double missed = Likeness.unexplained(EXPECTED, ACTUAL, 2);
    double turned = 1 - Likeness.cosine(EXPECTED, ACTUAL, 2);
    assertThat(
            objective(Task.TASK_REGRESSION, Distillation.FEATURES)
                .loss(heir, Optional.empty(), Optional.of(teacher), List.of())
                .item_double())
        .isCloseTo(0.5 * (missed / 2 + missed), within(1e-5));
    assertThat(
            objective(Task.TASK_REGRESSION, Distillation.EMBEDDINGS)
                .loss(heir, Optional.empty(), Optional.of(teacher), List.of())
                .item_double())
        .isCloseTo(0.5 * (missed / 2 + turned), within(1e-5));
  }

  @Test
  void classesAreComparedAsDistributions() {
    float[] scores = {2, 0, 0, 1, 1, 1};
    float[] teacher = {0, 1, 3, 0, 0, 0};
    Objective objective = objective(Task.TASK_CLASSIFICATION, Distillation.LOGITS);
    double expected = 0;
    for (int row = 0; row < 3; row++) {
      double p = 1 / (1 + Math.exp((teacher[2 * row + 1] - teacher[2 * row]) / 2.0));
      double q = 1 / (1 + Math.exp((scores[2 * row + 1] - scores[2 * row]) / 2.0));
      expected += p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    }
    Response said = new Response(objective.reference(rows(teacher)), List.of(), Optional.empty());
    assertThat(
            objective
                .loss(response(scores), Optional.empty(), Optional.of(said), List.of())
                .item_double())
        .isCloseTo(0.5 * 4 * expected / 3, within(1e-5));
  }

  @Test
  void outputsThatNeverVaryGiveAFiniteLoss() {
    assertThat(Objective.missed(rows(0, 0, 0), rows(0, 0, 0)).item_double()).isZero();
    assertThat(Objective.missed(rows(5, 5, 5), rows(5, 5, 6)).item_double()).isFinite();
  }
}
