package dev.heirloom.inheritance.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs are numbered through, so that a row's first value tells where it was taken. */
class InputRowsTest {

  private static final int SAMPLES = 60;
  private static final int SIDE = 6;
  private static final int POSITIONS = SIDE * SIDE;

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 7, 18, 35})
  void everySampleGivesSoManyRowsAndAllOfThemTogetherEveryPositionAlike(int perSample)
      throws Exception {
    List<Float> taken = taken(pointwise(), perSample, SAMPLES, SIDE, SIDE);

    Map<Integer, Long> bySample =
        taken.stream()
            .collect(Collectors.groupingBy(at -> (int) (at / POSITIONS), Collectors.counting()));
    assertThat(bySample).hasSize(SAMPLES);
    assertThat(bySample.values()).allMatch(rows -> rows == perSample);
    assertThat(taken).doesNotHaveDuplicates();
    Map<Integer, Long> byPosition =
        taken.stream()
            .collect(Collectors.groupingBy(at -> (int) (at % POSITIONS), Collectors.counting()));
    double fair = SAMPLES * perSample / (double) POSITIONS;
    assertThat(byPosition).hasSize(POSITIONS);
    assertThat(byPosition.values()).allMatch(rows -> Math.abs(rows - fair) < 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {POSITIONS, POSITIONS + 1, Integer.MAX_VALUE})
  void whereThereAreNoMoreEveryPositionIsTaken(int perSample) throws Exception {
    assertThat(taken(pointwise(), perSample, SAMPLES, SIDE, SIDE))
        .hasSize(SAMPLES * POSITIONS)
        .isSorted();
  }

  @Test
  void rowsDoNotDependOnBatches() throws Exception {
    assertThat(taken(pointwise(), 5, 7, SIDE, SIDE))
        .isEqualTo(taken(pointwise(), 5, SAMPLES, SIDE, SIDE));
  }

  @Test
  void tokensOfASequenceArePickedLikePixels() throws Exception {
    DenseLayer linear =
        layer(
            new TinyModels(4)
                .input("x", -1, POSITIONS, 1)
                .weight("w", 0.3, 1, 4)
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", -1, POSITIONS, 4)
                .build());

    assertThat(taken(linear, 5, SAMPLES, POSITIONS))
        .isEqualTo(taken(pointwise(), 5, SAMPLES, SIDE, SIDE));
  }

  private static DenseLayer pointwise() throws Exception {
    return layer(
        new TinyModels(4)
            .input("x", -1, 1, SIDE, SIDE)
            .weight("w", 0.3, 4, 1, 1, 1)
            .node("Conv", List.of("x", "w"), "y", Attributes.intsAttribute("kernel_shape", 1, 1))
            .output("y", -1, 4, SIDE, SIDE)
            .build());
  }

  private static DenseLayer layer(OnnxModel model) throws Exception {
    return Teacher.of(model).layers().get(0);
  }

  /** What is taken of all samples, which come in batches. */
  private static List<Float> taken(DenseLayer layer, int perSample, int batch, int... positions) {
    List<Float> rows = new ArrayList<>();
    InputRows cutter =
        new InputRows(
            layer,
            perSample,
            (values, count) -> {
              for (int i = 0; i < count; i++) {
                rows.add(values[i]);
              }
            });
    for (int from = 0; from < SAMPLES; from += batch) {
      int size = Math.min(batch, SAMPLES - from);
      float[] values = new float[size * POSITIONS];
      for (int i = 0; i < values.length; i++) {
        values[i] = from * POSITIONS + i;
      }
      long[] dims =
          positions.length == 2
              ? new long[] {size, 1, positions[0], positions[1]}
              : new long[] {size, positions[0], 1};
      cutter.cut(values, dims);
    }
    cutter.flush();
    return rows;
  }
}
