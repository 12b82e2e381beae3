package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.Layers;
import dev.heirloom.runtime.fixture.TinyFamily;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FactorPairTest {

  /** A layer of 6 outputs and 5 inputs without bands. */
  private static FactoredLayer.Builder layer(FactorPair pair, int heads) {
    return FactoredLayer.newBuilder()
        .setName("l")
        .setKind(pair.kind())
        .setOutputs(6)
        .setInputs(5)
        .setHeads(heads);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void bandsPutTogetherGiveThePrefix(int heads) throws Exception {
    FactorPair pair = Layers.random("l", LayerKind.LAYER_KIND_LINEAR, 6, 5, List.of(), heads, 5);
    FactoredLayer.Builder layer = layer(pair, heads);
    int[] ends = {0, 2, 3, 5};
    List<byte[]> bands = new ArrayList<>();
    for (int i = 1; i < ends.length; i++) {
      layer.addBandsBuilder().setRung(i).setFromRank(ends[i - 1]).setToRank(ends[i]);
      bands.add(pair.band(ends[i - 1], ends[i]));
      FactorPair read = FactorPair.fromBands(layer.build(), ends[i], bands);
      FactorPair prefix = pair.prefix(ends[i]);
      assertThat(read.down()).isEqualTo(prefix.down());
      for (int head = 0; head < heads; head++) {
        assertThat(read.up(head)).isEqualTo(prefix.up(head));
      }
      assertThat(read.gate()).isEqualTo(prefix.gate());
      assertThat(read.parameters())
          .isEqualTo(read.rank() * (5L + 6L * heads + (heads > 1 ? heads : 0)));
    }
  }

  @Test
  void laysOutBandAsTheContractSays() {
    FactorPair pair =
        new FactorPair(
            "l",
            LayerKind.LAYER_KIND_LINEAR,
            2,
            1,
            List.of(),
            2,
            new float[] {1, 2},
            List.of(new float[] {3, 4, 5, 6}, new float[] {7, 8, 9, 10}),
            new float[] {11, 12, 13, 14});
    assertThat(FloatBytes.decode(ByteString.copyFrom(pair.band(1, 2))))
        .containsExactly(2, 4, 6, 8, 10, 12, 14);
  }

  @Test
  void refusesBandsThatDoNotFit() throws Exception {
    FactoredLayer layer = TinyFamily.linear().manifest().getLayers(0);
    byte[] first = new byte[(int) layer.getBands(0).getBlob().getSizeBytes()];
    assertThat(FactorPair.fromBands(layer, 1, List.of(first)).rank()).isEqualTo(1);
    refuses(layer, 2, List.of(first), "bands reach rank 1 (expected: 2)");
    refuses(layer, 1, List.of(new byte[3]), "holds 3 bytes");
    refuses(layer, 1, List.of(), "0 bands");
    refuses(layer, 4, List.of(first, first, first, first), "4 bands");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void halfBandsGiveTheRoundedFactors(int heads) throws Exception {
    FactorPair pair = Layers.random("l", LayerKind.LAYER_KIND_LINEAR, 6, 5, List.of(), heads, 5);
    FactoredLayer.Builder layer = layer(pair, heads);
    layer.addBandsBuilder().setRung(1).setToRank(2).setWire(Wire.FP16.format());
    layer.addBandsBuilder().setRung(2).setFromRank(2).setToRank(5);
    byte[] half = pair.band(0, 2, Wire.FP16);
    assertThat(half).hasSize(pair.band(0, 2).length / 2);

    FactorPair read = FactorPair.fromBands(layer.build(), 5, List.of(half, pair.band(2, 5)));

    for (int rank = 0; rank < 5; rank++) {
      for (int input = 0; input < 5; input++) {
        float exact = pair.down()[rank * 5 + input];
        float expected = rank < 2 ? Half.toFloat(Half.ofFloat(exact)) : exact;
        assertThat(read.down()[rank * 5 + input]).isEqualTo(expected);
      }
      for (int output = 0; output < 6; output++) {
        float exact = pair.up(heads - 1)[output * 5 + rank];
        float expected = rank < 2 ? Half.toFloat(Half.ofFloat(exact)) : exact;
        assertThat(read.up(heads - 1)[output * 5 + rank]).isEqualTo(expected);
      }
    }
    refuses(layer.build(), 2, List.of(pair.band(0, 2)), "bytes (expected: " + half.length + ")");
    half[1] = 0x7C;
    half[0] = 0;
    refuses(layer.build(), 2, List.of(half), "layer l: band 0..2: value 0 is not finite");
  }

  @Test
  void aFactorThatHalfPrecisionDoesNotKeepIsToldEvenBesideALargeOne() {
    FactorPair pair =
        new FactorPair(
            "l",
            LayerKind.LAYER_KIND_LINEAR,
            2,
            1,
            List.of(),
            2,
            new float[] {1, 1000},
            List.of(new float[] {1, 1e-8f, 1, 1e-8f}),
            new float[0]);
    assertThat(pair.keeps(0, 1, Wire.FP16)).isTrue();
    assertThat(pair.keeps(1, 2, Wire.FP16)).isFalse();
    assertThat(pair.keeps(1, 2, Wire.FP32)).isTrue();
  }

  @Test
  void refusesArraysOfOtherSizes() {
    assertThatThrownBy(
            () ->
                new FactorPair(
                    "l",
                    LayerKind.LAYER_KIND_LINEAR,
                    2,
                    2,
                    List.of(),
                    1,
                    new float[3],
                    List.of(new float[2]),
                    new float[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("down: 3 values (expected: 2)");
  }

  private static void refuses(FactoredLayer layer, int rank, List<byte[]> bands, String message) {
    assertThatThrownBy(() -> FactorPair.fromBands(layer, rank, bands))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  @Test
  void headsUnderAConstantGateFoldIntoOne() {
    FactorPair pair = Layers.random("l", LayerKind.LAYER_KIND_LINEAR, 6, 5, List.of(), 3, 4);

    FactorPair folded = pair.folded(new float[] {0.5f, 0.3f, 0.2f});

    assertThat(folded.heads()).isEqualTo(1);
    assertThat(folded.gate()).isEmpty();
    assertThat(folded.down()).isEqualTo(pair.down());
    for (int i = 0; i < 6 * 4; i++) {
      float expected = 0.5f * pair.up(0)[i] + 0.3f * pair.up(1)[i] + 0.2f * pair.up(2)[i];
      assertThat(folded.up(0)[i]).isCloseTo(expected, within(1e-6f));
    }
    assertThatThrownBy(() -> pair.folded(new float[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: 3");
  }
}
