package dev.heirloom.inheritance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MethodOptionsTest {

  private static final LadderOptions RANK_16 =
      LadderOptions.given(List.of(Map.of("b_c_node", 16, "c_c_node", 16)));

  @TempDir private Path directory;

  private static MethodOptions inhernet(
      int heads, boolean gated, boolean sharedDown, boolean inherited) {
    return new MethodOptions(Method.INHERNET, OptionalInt.of(heads), gated, sharedDown, inherited);
  }

  private Family family(MethodOptions method, int steps) throws Exception {
    return Family.open(new WideTeacher(directory).inherit(RANK_16, method, steps).family());
  }

  private static float[] scores(Family family) throws Exception {
    byte[] heir = HeirAssembler.assemble(family.manifest(), 1, family.blobs());
    try (OnnxSession session = OnnxSession.open(heir, SessionSettings.cpu(1))) {
      float[] image = new float[2 * 144];
      for (int i = 0; i < image.length; i++) {
        image[i] = (i * 37 % 101) / 101f;
      }
      return session.runFirst(Map.of("image", TensorValue.floats(image, 2, 1, 12, 12))).toFloats();
    }
  }

  @ParameterizedTest
  @CsvSource({"2,true", "3,true", "8,true", "2,false", "4,false"})
  void atStepZeroGatedHeadsEqualTheTruncatedDecomposition(int heads, boolean sharedDown)
      throws Exception {
    float[] plain = scores(family(MethodOptions.of(Method.SVD), 0));

    Family gated = family(inhernet(heads, true, sharedDown, true), 0);

    assertThat(gated.manifest().getLayersList())
        .extracting(FactoredLayer::getHeads)
        .containsExactly(heads, heads);
    float[] scores = scores(gated);
    float largest = 0;
    for (float score : plain) {
      largest = Math.max(largest, Math.abs(score));
    }
    for (int i = 0; i < plain.length; i++) {
      assertThat(scores[i]).isCloseTo(plain[i], within(1e-3f * largest));
    }
  }

  @Test
  void headsWithoutAGateAreOneMap() throws Exception {
    Manifest manifest = family(inhernet(3, false, true, true), 1).manifest();
    assertThat(manifest.getLayersList()).extracting(FactoredLayer::getHeads).containsOnly(1);
  }

  @Test
  void aRandomStartInheritsNothing() throws Exception {
    float[] plain = scores(family(MethodOptions.of(Method.SVD), 0));
    float[] random = scores(family(inhernet(1, true, true, false), 0));
    assertThat(random).isNotEqualTo(plain);
  }

  @Test
  void headsWithDownProjectionsOfTheirOwnKeepThemApartInTraining() throws Exception {
    Family family = family(inhernet(2, true, false, true), 3);
    byte[] band = family.blobs().read(family.manifest().getLayers(0).getBands(0).getBlob());
    FloatBuffer values = ByteBuffer.wrap(band).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    int inputs = family.manifest().getLayers(0).getInputs();
    int outputs = family.manifest().getLayers(0).getOutputs();
    for (int head = 0; head < 2; head++) {
      for (int k = 0; k < 16; k++) {
        boolean own = k % 2 == head;
        float first = values.get(16 * inputs + (head * 16 + k) * outputs);
        assertThat(first != 0).as("head %d, component %d", head, k).isEqualTo(own);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9})
  void headsBeyondTheLimitsAreRefused(int heads) {
    assertThatThrownBy(() -> inhernet(heads, true, true, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("heads: " + heads + " (expected: 1..8)");
  }
}
