package dev.heirloom.inheritance.draft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.SessionSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DivergenceTest {
  /** Three samples of two numbers: means 2 and 1, spread 2 + 6. */
  private static final float[] VALUES = {1, 0, 2, 0, 3, 3};

  private static OnnxModel scaled(float... factors) throws Exception {
    return new TinyModels(1)
        .input("x", -1, 2)
        .weight("f", factors, 2)
        .node("Mul", List.of("x", "f"), "y")
        .output("y", -1, 2)
        .build();
  }

  /** y is the input, z the input times a factor. */
  private static OnnxModel two(float factor) throws Exception {
    return new TinyModels(1)
        .input("x", -1, 2)
        .weight("f", new float[] {factor}, 1)
        .node("Mul", List.of("x", "f"), "z")
        .node("Identity", List.of("x"), "y")
        .output("y", -1, 2)
        .output("z", -1, 2)
        .build();
  }

  private static double between(OnnxModel reference, OnnxModel other, Task task) throws Exception {
    ByteBuffer raw = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(VALUES);
    SampleSet samples =
        SampleSet.of(3).input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(2L), raw).build();
    Preprocessor preprocessor =
        new Preprocessor(
            Preprocessor.of(samples, reference.inputs(), Map.of()), reference.inputs());
    return new Divergence(
            reference.bytes(), samples, preprocessor, SessionSettings.cpu(1), Purpose.of(task))
        .of(other.bytes());
  }

  @Test
  void numbersDivergeByWhatIsMissedOfTheirSpread() throws Exception {
    // Half of each number is missed: (14 + 9) / 4 of 2 + 6.
    assertThat(between(scaled(1, 1), scaled(0.5f, 0.5f), Task.TASK_REGRESSION))
        .isCloseTo(23 / 4.0 / 8, within(1e-9));
    assertThat(between(scaled(1, 1), scaled(1, 1), Task.TASK_REGRESSION)).isZero();
  }

  @Test
  void embeddingsDivergeByTheirDirectionAlone() throws Exception {
    assertThat(between(scaled(1, 1), scaled(3, 3), Task.TASK_EMBEDDING)).isCloseTo(0, within(1e-9));
    // (1, 0) and (2, 0) keep their direction; cos((3, 3), (3, −3)) = 0.
    assertThat(between(scaled(1, 1), scaled(1, -1), Task.TASK_EMBEDDING))
        .isCloseTo(1 / 3.0, within(1e-9));
  }

  @Test
  void classesDivergeByTheirDistributions() throws Exception {
    double expected = 0;
    for (int row = 0; row < 3; row++) {
      double p = 1 / (1 + Math.exp(VALUES[2 * row + 1] - VALUES[2 * row]));
      double q = 1 / (1 + Math.exp(2 * (VALUES[2 * row + 1] - VALUES[2 * row])));
      expected += p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
    }
    assertThat(between(scaled(1, 1), scaled(2, 2), Task.TASK_CLASSIFICATION))
        .isCloseTo(expected / 3, within(1e-6));
  }

  @Test
  void otherOutputsCountToo() throws Exception {
    // Of z, twice the input, a quarter is missed: (14 + 9) / 4 of 8 + 24.
    assertThat(between(two(2), two(1.5f), Task.TASK_CLASSIFICATION))
        .isCloseTo(23 / 4.0 / 32, within(1e-9));
  }
}
