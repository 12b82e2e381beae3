package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.GoldenOutput;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Patch;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.TinyFamily;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PatchesTest {

  private Manifest manifest;

  @BeforeEach
  void makeManifest() throws Exception {
    manifest = TinyFamily.linear().manifest();
  }

  @Test
  void readsWhatWasWritten() throws Exception {
    PatchLayer layer =
        new PatchLayer(new float[] {1, 2, 3, 4, 5, 6}, new float[0], new float[] {0.5f, -0.5f});
    GoldenOutput golden = Patches.golden("y", 2, new float[12]);
    byte[] bytes = Patches.of(2, List.of(layer), List.of(golden)).toByteArray();
    Patch patch = Patches.parse(bytes, manifest, 2);
    PatchLayer read = Patches.layers(patch).get(0);
    assertThat(read.scale()).isEqualTo(layer.scale());
    assertThat(read.bias()).isEmpty();
    assertThat(read.scale(2)).isEqualTo(3);
    assertThat(read.gateBias()).isEqualTo(layer.gateBias());
    assertThat(read.parameters()).isEqualTo(8);
    assertThat(Patches.values(patch.getGolden(0))).hasSize(12);
  }

  @Test
  void namesWhatIsWrong() {
    refuses(p -> p.setFormat(9), "format 9");
    refuses(p -> p.setRung(1), "for rung 1");
    refuses(p -> p.clearLayers(), "0 layers");
    refuses(p -> p.getLayersBuilder(0).setScale(bytes(5)), "scale: 20 bytes (expected: 24)");
    refuses(p -> p.getLayersBuilder(0).setBias(ByteString.copyFrom(new byte[23])), "bias: 23");
    refuses(p -> p.getLayersBuilder(0).clearGateBias(), "gate bias: 0 bytes (expected: 8)");
    refuses(
        p -> p.getLayersBuilder(0).setGateBias(FloatBytes.encode(new float[] {1, Float.NaN})),
        "gate bias: NaN");
    refuses(p -> p.addGolden(Patches.golden("z", 1, new float[6])), "no output");
    refuses(p -> p.addGolden(Patches.golden("y", 2, new float[6])), "24 bytes for 2 samples");
    refuses(p -> p.addGolden(Patches.golden("y", -1, new float[6])), "golden");
  }

  @Test
  void refusesBytesThatAreNoPatch() {
    assertThatThrownBy(() -> Patches.parse(new byte[] {1, 2, 3}, manifest, 1))
        .isInstanceOf(MalformedException.class)
        .hasMessage("patch of rung 1: not a patch, or truncated");
  }

  private void refuses(Consumer<Patch.Builder> change, String message) {
    PatchLayer layer = new PatchLayer(new float[0], new float[0], new float[2]);
    Patch.Builder builder = Patches.of(2, List.of(layer), List.of()).toBuilder();
    change.accept(builder);
    assertThatThrownBy(() -> Patches.parse(builder.build().toByteArray(), manifest, 2))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message);
  }

  private static ByteString bytes(int floats) {
    return FloatBytes.encode(new float[floats]);
  }
}
