package dev.heirloom.runtime.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

@NullUnmarked
class PreprocessorTest {

  private static final List<TensorSpec> INPUTS =
      List.of(
          new TensorSpec("image", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 2L, 2L)),
          new TensorSpec("tokens", ElementType.ELEMENT_TYPE_INT64, List.of(-1L, 2L)));

  private static final SampleSet SAMPLES =
      SampleSet.of(2)
          .input(
              "image",
              ElementType.ELEMENT_TYPE_UINT8,
              List.of(2L, 2L),
              ByteBuffer.wrap(new byte[] {0, 51, 102, (byte) 255, 1, 2, 3, 4}))
          .input(
              "tokens",
              ElementType.ELEMENT_TYPE_UINT8,
              List.of(2L),
              ByteBuffer.wrap(new byte[] {1, 2, (byte) 200, 4}))
          .build();

  @Test
  void scalesBytesAndNormalizesEachChannel() throws Exception {
    List<Preprocessing> steps =
        Preprocessor.of(SAMPLES, INPUTS, Normalization.parse(List.of("image=0.2,0.4/0.5,0.1")));
    Map<String, TensorValue> batch = new Preprocessor(steps, INPUTS).batch(SAMPLES, new int[] {0});
    assertThat(batch.get("image").dims()).containsExactly(1, 2, 2);
    assertThat(batch.get("image").toFloats())
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(-0.4f, 0f, 0f, 6f);
    assertThat(batch.get("tokens").toLongs()).containsExactly(1, 2);
  }

  @Test
  void castsIntegersAndKeepsTheOrderOfIndices() throws Exception {
    Preprocessor preprocessor =
        new Preprocessor(Preprocessor.of(SAMPLES, INPUTS, Map.of()), INPUTS);
    TensorValue tokens = preprocessor.batch(SAMPLES, new int[] {1, 0, 1}).get("tokens");
    assertThat(tokens.dims()).containsExactly(3, 2);
    assertThat(tokens.toLongs()).containsExactly(200, 4, 1, 2, 200, 4);
  }

  @Test
  void refusesInputsThatSamplesCannotBeFor() {
    List<TensorSpec> bool =
        List.of(new TensorSpec("tokens", ElementType.ELEMENT_TYPE_BOOL, List.of(-1L, 2L)));
    Preprocessor preprocessor =
        new Preprocessor(
            List.of(Preprocessing.newBuilder().setInput("tokens").setScale(1).build()), bool);
    assertThatThrownBy(() -> preprocessor.batch(SAMPLES, new int[] {0}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("input tokens: bool (expected: float32, int32, int64 or uint8)");
  }

  @Test
  void computesTheFormulaForEveryTypeOfRawValue() throws Exception {
    TensorSpec input =
        new TensorSpec("image", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 2L, 2L));
    ByteBuffer raw = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    for (ElementType type :
        List.of(
            ElementType.ELEMENT_TYPE_UINT8,
            ElementType.ELEMENT_TYPE_INT32,
            ElementType.ELEMENT_TYPE_INT64,
            ElementType.ELEMENT_TYPE_FLOAT32)) {
      raw.clear();
      for (int value : new int[] {7, 7, 7, 7, 0, 50, 100, 250}) {
        switch (type) {
          case ELEMENT_TYPE_UINT8 -> raw.put((byte) value);
          case ELEMENT_TYPE_INT32 -> raw.putInt(value);
          case ELEMENT_TYPE_INT64 -> raw.putLong(value);
          default -> raw.putFloat(value);
        }
      }
      SampleSet samples = SampleSet.of(2).input("image", type, List.of(2L, 2L), raw.flip()).build();
      Preprocessing step =
          Preprocessing.newBuilder()
              .setInput("image")
              .setScale(0.5f)
              .addAllMean(List.of(1f, 2f))
              .addAllDeviation(List.of(4f, 0.5f))
              .build();
      Preprocessor preprocessor = new Preprocessor(List.of(step), List.of(input));
      assertThat(preprocessor.batch(samples, new int[] {1}).get("image").toFloats())
          .as(type.name())
          .containsExactly(-0.25f, 6f, 96f, 246f);
      assertThat(preprocessor.zero("image", 1)).isEqualTo(-4f);
    }
  }

  @Test
  void normalizesManyFeaturesEachByItself() throws Exception {
    int features = 40;
    TensorSpec input =
        new TensorSpec("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, (long) features));
    byte[] raw = new byte[features];
    Preprocessing.Builder step = Preprocessing.newBuilder().setInput("x").setScale(2);
    for (int i = 0; i < features; i++) {
      raw[i] = (byte) (200 + i);
      step.addMean(i).addDeviation(4);
    }
    SampleSet samples =
        SampleSet.of(1)
            .input(
                "x", ElementType.ELEMENT_TYPE_UINT8, List.of((long) features), ByteBuffer.wrap(raw))
            .build();
    float[] values =
        new Preprocessor(List.of(step.build()), List.of(input))
            .batch(samples, new int[] {0})
            .get("x")
            .toFloats();
    for (int i = 0; i < features; i++) {
      assertThat(values[i]).isEqualTo((2 * (200 + i) - i) / 4f);
    }
  }

  @Test
  void appliesUnnamedNormalizationToFloatingPointInputsOnly() throws Exception {
    List<Preprocessing> steps =
        Preprocessor.of(SAMPLES, INPUTS, Normalization.parse(List.of("0.5/0.25")));
    assertThat(steps.get(0).getMeanList()).containsExactly(0.5f);
    assertThat(steps.get(1).getMeanList()).isEmpty();
    assertThat(steps.get(1).getScale()).isEqualTo(1);
  }

  @Test
  void refusesNormalizationThatDoesNotFit() {
    refuses("sound=0/1", "the model has no such input (expected: one of [image, tokens])");
    refuses("tokens=0/1", "the input is int64");
    refuses("image=0,0,0/1,1,1", "3 channels (expected: 1 or 2)");
    refuses("image=0", "expected: [input=]mean/std");
    refuses("=0/1", "expected: [input=]mean/std");
    refuses("image=a/b", "expected: [input=]mean/std");
    refuses("image=0,1/1", "2 and 1 values");
    refuses("image=0/0", "deviation: 0.0 (expected: above 0)");
    refuses("image=NaN/1", "mean: NaN");
    assertThatThrownBy(() -> Normalization.parse(List.of("0/1", "0/2")))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("given twice");
  }

  private static void refuses(String option, String message) {
    assertThatThrownBy(() -> Preprocessor.of(SAMPLES, INPUTS, Normalization.parse(List.of(option))))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }
}
