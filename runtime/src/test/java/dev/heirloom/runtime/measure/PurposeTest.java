package dev.heirloom.runtime.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.sample.SampleSet;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PurposeTest {

  private static SampleSet.Builder three() {
    return SampleSet.of(2)
        .input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(3L), ByteBuffer.allocate(24));
  }

  private static Task chosen(SampleSet samples, long... dims) throws Exception {
    return Purpose.choose(Optional.empty(), "y", dims, samples).task();
  }

  @Test
  void labelsAndShapeTellTheTask() throws Exception {
    assertThat(chosen(three().labels(1, 0, 3).build(), 1, 4)).isEqualTo(Task.TASK_CLASSIFICATION);
    assertThat(chosen(three().labels(2, 0, 3, 1, 1).build(), 1, 2, 4))
        .isEqualTo(Task.TASK_NEXT_TOKEN);
    assertThat(chosen(three().targets(1, 0, 3).build(), 1, 1)).isEqualTo(Task.TASK_REGRESSION);
    assertThat(chosen(three().targets(4, new float[8]).build(), 1, 2, 2))
        .isEqualTo(Task.TASK_REGRESSION);
  }

  @Test
  void withoutLabelsShapeAloneTellsTheTask() throws Exception {
    assertThat(chosen(three().build(), 1, 4)).isEqualTo(Task.TASK_CLASSIFICATION);
    assertThat(chosen(three().build(), 1, 2, 4)).isEqualTo(Task.TASK_NEXT_TOKEN);
    assertThat(chosen(three().build(), 1, 1)).isEqualTo(Task.TASK_REGRESSION);
    assertThat(chosen(three().build(), 1, 8, 4, 4)).isEqualTo(Task.TASK_REGRESSION);
  }

  @Test
  void refusesWhatDoesNotFitTheTask() {
    refuses(Task.TASK_CLASSIFICATION, three().build(), "expected: [batch, classes]", 1, 2, 4);
    refuses(Task.TASK_NEXT_TOKEN, three().build(), "[batch, positions, classes]", 1, 4);
    refuses(
        Task.TASK_CLASSIFICATION,
        three().targets(1, 0, 1).build(),
        "labels are floating-point (expected: integers)",
        1,
        4);
    refuses(
        Task.TASK_CLASSIFICATION, three().labels(2, 0, 1, 2, 3).build(), "2 labels a sample", 1, 4);
    refuses(Task.TASK_CLASSIFICATION, three().labels(1, 0, 4).build(), "label of sample 1", 1, 4);
    refuses(Task.TASK_REGRESSION, three().targets(1, 0, 1).build(), "(expected: 4)", 1, 4);
    refuses(Task.TASK_RECONSTRUCTION, three().build(), "no input has the output's 4", 1, 4);
  }

  private static void refuses(Task task, SampleSet samples, String message, long... dims) {
    assertThatThrownBy(() -> Purpose.choose(Optional.of(task), "y", dims, samples))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  @Test
  void saysWhetherAnswersAreKnown() {
    SampleSet labelled = three().labels(1, 0, 1).build();
    SampleSet targets = three().targets(3, new float[6]).build();
    assertThat(Purpose.of(Task.TASK_CLASSIFICATION).labelled(labelled)).isTrue();
    assertThat(Purpose.of(Task.TASK_CLASSIFICATION).labelled(targets)).isFalse();
    assertThat(Purpose.of(Task.TASK_REGRESSION).labelled(labelled)).isTrue();
    assertThat(Purpose.of(Task.TASK_EMBEDDING).labelled(labelled)).isFalse();
    assertThat(Purpose.of(Task.TASK_EMBEDDING).labelled(targets)).isTrue();
    assertThat(Purpose.of(Task.TASK_RECONSTRUCTION).labelled(three().build())).isTrue();
  }

  @Test
  void everyTaskHasANameThatFindsIt() {
    assertThat(Purpose.titles())
        .containsExactly(
            "classification", "next-token", "regression", "embedding", "reconstruction");
    for (Task task : Task.values()) {
      if (task != Task.UNRECOGNIZED && task != Task.TASK_UNSPECIFIED) {
        assertThat(Purpose.task(Purpose.title(task))).contains(task);
      }
    }
    assertThat(Purpose.task("auto")).isEmpty();
  }
}
