package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.sample.SampleSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class ChosenPrecisionTest {

  /** Keeps the notes. */
  private static final class Notes implements NestedTrainer.Listener {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void step(long done, long total, double loss) {
      assertThat(loss).isFinite();
    }

    @Override
    public boolean cancelled() {
      return false;
    }

    @Override
    public void note(String line) {
      lines.add(line);
    }
  }

  /** Large numbers that cancel out: in bfloat16 nothing is left of what they differ by. */
  private static OnnxModel cancelling() throws Exception {
    float[] large = new float[24 * 24];
    float[] back = new float[24];
    for (int i = 0; i < 24; i++) {
      large[i * 24 + i] = 1;
      back[i] = -3000;
    }
    float[] up = new float[24];
    Arrays.fill(up, 3000);
    return new TinyModels(5)
        .input("x", -1, 24)
        .weight("up", up, 24)
        .weight("back", back, 24)
        .weight("keep", large, 24, 24)
        .node("Add", List.of("x", "up"), "far")
        .node("MatMul", List.of("far", "keep"), "same")
        .node("Add", List.of("same", "back"), "near")
        .weight("w", 0.5, 24, SmallSets.CLASSES)
        .node("MatMul", List.of("near", "w"), "y")
        .output("y", -1, SmallSets.CLASSES)
        .build();
  }

  private static Map<String, float[]> train(OnnxModel model, Arithmetic arithmetic, Notes notes)
      throws Exception {
    SampleSet samples = SmallSets.patterns(128, 3, 24);
    TrainingPlan plan =
        new TrainingPlan(
            List.of(List.of()),
            3,
            64,
            Descent.SGD,
            0.001,
            5e-4,
            1,
            1,
            0,
            0,
            1,
            1,
            false,
            arithmetic);
    try (NestedTrainer trainer = new NestedTrainer(model.proto(), List.of(), plan)) {
      trainer.train(samples, SmallSets.preprocessor(model, samples), Optional.empty(), notes);
      return trainer.denseWeights();
    }
  }

  private static void assertSame(Map<String, float[]> a, Map<String, float[]> b) {
    a.forEach((name, v) -> assertThat(b.get(name)).as(name).isEqualTo(v));
  }

  @Test
  void aNetworkThatBfloat16IsTooCoarseForIsTrainedInFloat32AndThisIsSaid() throws Exception {
    assumeTrue(Precision.fastest(false) == Precision.BFLOAT16);
    Notes notes = new Notes();

    Map<String, float[]> chosen = train(cancelling(), Arithmetic.AUTO, notes);

    assertThat(notes.lines).singleElement().asString().contains("computes in float32");
    assertSame(chosen, train(cancelling(), Arithmetic.FLOAT32, new Notes()));
  }

  @Test
  void aNetworkThatBfloat16SuitsIsTrainedInTheFastestFormat() throws Exception {
    OnnxModel model =
        new TinyModels(5)
            .input("x", -1, 24)
            .weight("w1", 0.3, 24, 20)
            .node("MatMul", List.of("x", "w1"), "h")
            .weight("w", 0.5, 20, SmallSets.CLASSES)
            .node("MatMul", List.of("h", "w"), "y")
            .output("y", -1, SmallSets.CLASSES)
            .build();
    Notes notes = new Notes();
    Arithmetic fastest =
        Precision.fastest(false) == Precision.BFLOAT16 ? Arithmetic.BFLOAT16 : Arithmetic.FLOAT32;

    Map<String, float[]> chosen = train(model, Arithmetic.AUTO, notes);

    assertThat(notes.lines).isEmpty();
    assertSame(chosen, train(model, fastest, new Notes()));
  }

  @Test
  void whatIsAskedForIsTaken() throws Exception {
    Notes notes = new Notes();

    Map<String, float[]> coarse = train(cancelling(), Arithmetic.BFLOAT16, notes);

    assertThat(notes.lines).isEmpty();
    assertThat(coarse.get("w"))
        .isNotEqualTo(
            Objects.requireNonNull(train(cancelling(), Arithmetic.FLOAT32, new Notes()).get("w")));
  }

  @Test
  void aGradientThatPointsElsewhereIsObjectedTo() {
    try (PointerScope scope = new PointerScope()) {
      GradientAt exact = at(2, 1, 0);

      assertThat(at(2.05, 1, 0.2f).objection(exact)).isEmpty();
      assertThat(at(2.2, 1, 0).objection(exact)).get().asString().contains("loss of a batch");
      assertThat(at(2, 1, 1).objection(exact)).get().asString().contains("cosine 0.71");
      assertThat(at(Double.NaN, 1, 0).objection(exact)).isPresent();
      assertThat(at(2, Float.NaN, 0).objection(exact)).isPresent();
    }
  }

  private static GradientAt at(double loss, float x, float y) {
    return new GradientAt(loss, List.of(Tensors.floats(new float[] {x, y}, 2)));
  }
}
