package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.proto.v1.TeacherFigures;
import dev.heirloom.runtime.family.RungFigures;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class EvaluationFiguresTest {

  private static EvaluationFigures figures(
      Task task, OptionalDouble accuracy, OptionalDouble agreement) {
    return new EvaluationFigures(
        task, 100, accuracy, accuracy, agreement, 1_000_000, 2_000_000, 10, 20);
  }

  @Test
  void classesAreInPercentAndOtherMeasuresAreNumbers() {
    assertThat(
            figures(Task.TASK_CLASSIFICATION, OptionalDouble.of(0.5), OptionalDouble.empty())
                .table()
                .lines())
        .anyMatch(line -> line.contains("accuracy") && !line.contains("agreement"))
        .anyMatch(line -> line.contains("50.00 %"));
    assertThat(
            figures(Task.TASK_REGRESSION, OptionalDouble.of(0.5), OptionalDouble.of(0.25))
                .table()
                .lines())
        .anyMatch(line -> line.contains("R²") && line.contains("R² to teacher"))
        .anyMatch(line -> line.contains("0.5000") && line.contains("0.2500"));
  }

  @Test
  void whatIsNotKnownIsLeftOut() {
    EvaluationFigures bare =
        figures(Task.TASK_EMBEDDING, OptionalDouble.empty(), OptionalDouble.of(0.9));
    assertThat(bare.table().lines().get(0)).contains("cosine to teacher").doesNotContain("loss");
    assertThat(bare.json().has("accuracy")).isFalse();
    assertThat(bare.json().path("agreement").asDouble()).isEqualTo(0.9);
    assertThat(bare.json().path("task").asText()).isEqualTo("embedding");
  }

  @Test
  void aFamilyWithoutLabelsShowsNoAccuracy() {
    Manifest manifest =
        Manifest.newBuilder()
            .setTask(Task.TASK_CLASSIFICATION)
            .setUnlabelled(true)
            .setTeacher(
                TeacherFigures.newBuilder()
                    .setAccuracy(1)
                    .setParameters(100)
                    .setLatencyP50Ns(1_000_000))
            .build();
    RungFigures rung = new RungFigures(1, List.of(4), 50, 5, 6, 0.75, 0.75, 7, 8, 9);
    assertThat(InheritTexts.table(manifest, List.of(rung)).lines())
        .noneMatch(line -> line.contains("100.00 %"))
        .anyMatch(line -> line.contains("–") && line.contains("75.00 %"));
  }
}
