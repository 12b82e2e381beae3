package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.WireFormat;
import dev.heirloom.runtime.MalformedException;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireTest {

  private static FloatBuffer values(float... values) {
    return FloatBuffer.wrap(values);
  }

  @Test
  void halvesAreLittleEndianAndComeBackRounded() throws Exception {
    byte[] bytes = Wire.FP16.encode(values(1f, -2f, 1f + 0x1p-11f, 1f + 0x1.8p-10f));
    assertThat(bytes).containsExactly(0, 0x3C, 0, 0xC0, 0, 0x3C, 2, 0x3C);
    FloatBuffer read = Wire.FP16.decode(bytes);
    assertThat(read).isEqualTo(values(1f, -2f, 1f, 1f + 0x1p-9f));
  }

  @Test
  void singlesComeBackBitForBit() throws Exception {
    float[] some = {1e-30f, -0f, Float.MAX_VALUE, 0.1f};
    float[] read = new float[some.length];
    Wire.FP32.decode(Wire.FP32.encode(values(some))).get(read);
    assertThat(read).containsExactly(some);
  }

  @Test
  void writesTheRestOfABufferAndLeavesItsPosition() {
    FloatBuffer some = values(9, 1, 2).position(1);
    assertThat(Wire.FP16.encode(some)).hasSize(4);
    assertThat(some.position()).isEqualTo(1);
  }

  @Test
  void refusesToWriteWhatDoesNotStayFinite() {
    for (float value : new float[] {65520f, -1e9f, Float.NaN, Float.NEGATIVE_INFINITY}) {
      assertThat(Wire.FP16.keeps(values(1, value))).as("%s", value).isFalse();
      assertThatThrownBy(() -> Wire.FP16.encode(values(1, value)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected: within ±65504");
    }
    assertThat(Wire.FP16.keeps(values(65519f))).isTrue();
  }

  @Test
  void refusesToReadWhatIsNotFinite() {
    for (byte high : new byte[] {0x7C, (byte) 0xFC, 0x7E}) {
      assertThatThrownBy(() -> Wire.FP16.decode(new byte[] {0, 0x3C, 0, high}))
          .isInstanceOf(MalformedException.class)
          .hasMessage("value 1 is not finite");
    }
  }

  @Test
  void keepsWeightsOfUsualSizeAndNotThoseThatVanish() {
    float[] usual = new float[4096];
    float[] tiny = new float[4096];
    Random random = new Random(3);
    for (int i = 0; i < usual.length; i++) {
      usual[i] = (float) (random.nextGaussian() * 0.02);
      tiny[i] = usual[i] * 1e-5f;
    }
    assertThat(Wire.FP16.keeps(values(usual))).isTrue();
    assertThat(Wire.FP16.keeps(values(tiny))).isFalse();
    assertThat(Wire.FP32.keeps(values(tiny))).isTrue();
    // One that vanishes among larger ones is lost in their rounding anyway.
    usual[7] = 1e-12f;
    assertThat(Wire.FP16.keeps(values(usual))).isTrue();
    assertThat(Wire.FP16.keeps(values())).isTrue();
  }

  @Test
  void refusesAFormatThatItDoesNotKnow() throws Exception {
    assertThat(Wire.of(WireFormat.WIRE_FORMAT_FLOAT16)).isEqualTo(Wire.FP16);
    assertThatThrownBy(() -> Wire.of(WireFormat.UNRECOGNIZED))
        .isInstanceOf(MalformedException.class)
        .hasMessage("wire format unknown (expected: one of [fp32, fp16])");
  }
}
