package dev.heirloom.runtime.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.MemoryBlobStore;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.family.Wire;
import dev.heirloom.runtime.family.WireShare;
import dev.heirloom.runtime.fixture.Graphs;
import dev.heirloom.runtime.fixture.Layers;
import dev.heirloom.runtime.fixture.TinyFamily;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class HeirAssemblerTest {

  /** Strides, pads and dilations, none of them symmetric. */
  private static final long[] GEOMETRY = {2, 1, 1, 0, 2, 3, 2, 1};

  private static final List<Integer> KERNEL = List.of(3, 2);
  private static final int CHANNELS = 4;
  private static final int CONV_INPUTS = CHANNELS * 6;

  @Test
  void expandsHalfPrecisionSoThatTheModelStaysFloat32() throws Exception {
    TinyFamily exact = TinyFamily.linear();
    TinyFamily halved = TinyFamily.linear(Wire.FP16);
    assertThat(WireShare.of(halved.manifest()).describe()).isEqualTo("fp16");
    Map<String, TensorValue> inputs = Map.of("x", TensorValue.floats(Graphs.random(11, 10), 2, 5));
    for (int rung = 1; rung <= 3; rung++) {
      byte[] model = HeirAssembler.assemble(halved.manifest(), rung, halved.blobs());
      assertThat(model.length)
          .isEqualTo(HeirAssembler.assemble(exact.manifest(), rung, exact.blobs()).length);
      float[] expected =
          outputs(HeirAssembler.assemble(exact.manifest(), rung, exact.blobs()), inputs);
      float[] rounded = outputs(model, inputs);
      assertThat(rounded).isNotEqualTo(expected);
      for (int i = 0; i < expected.length; i++) {
        assertThat(rounded[i]).isCloseTo(expected[i], within(0.02f));
      }
    }
  }

  private static float[] outputs(byte[] model, Map<String, TensorValue> inputs) throws Exception {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      return session.run(inputs).get("y").toFloats();
    }
  }

  @Test
  void refusesDenseHalvesOfAnotherSize() throws Exception {
    TinyFamily family = TinyFamily.linear();
    Manifest.Builder changed = family.change();
    changed.getDenseBuilder(0).setWire(Wire.FP16.format());
    assertThatThrownBy(() -> HeirAssembler.assemble(changed.build(), 1, family.blobs()))
        .isInstanceOf(MalformedException.class)
        .hasMessage("dense weight gain: 24 bytes (expected: 12 for dims [6])");
  }

  @ParameterizedTest
  @CsvSource({"1,1,17", "1,5,17", "3,1,17", "3,5,17", "1,5,9", "3,5,9", "3,5,13", "3,2,21"})
  void givesTheDenseNetworksOutputsAtFullRank(int heads, int batch, int opset) throws Exception {
    float[] convWeight = Graphs.random(1, 20 * CONV_INPUTS);
    float[] convBias = Graphs.random(2, 20);
    float[] fcWeight = Graphs.random(3, 7 * 20);
    float[] fcBias = Graphs.random(4, 7);
    FactorPair conv =
        Layers.exact("conv", LayerKind.LAYER_KIND_CONV, 20, CONV_INPUTS, KERNEL, heads, convWeight);
    FactorPair fc =
        Layers.exact("fc", LayerKind.LAYER_KIND_LINEAR, 7, 20, List.of(), heads, fcWeight);
    ModelProto skeleton =
        network(
            opset,
            TinyFamily.factorPair(conv, "c", "x", GEOMETRY),
            TinyFamily.factorPair(fc, "y", "v"));
    TinyFamily family =
        TinyFamily.of(
            skeleton,
            List.of(conv, fc),
            List.of(List.of(20, 7)),
            List.of(List.of(Layers.bias(conv, convBias), Layers.bias(fc, fcBias))));
    ModelProto teacher =
        network(
            opset,
            Graphs.node(
                "Conv",
                "c",
                List.of("x", "W", "B"),
                Attributes.intsAttribute("strides", 2, 1),
                Attributes.intsAttribute("pads", 1, 0, 2, 3),
                Attributes.intsAttribute("dilations", 2, 1),
                Attributes.intsAttribute("kernel_shape", 3, 2)),
            Graphs.node("Gemm", "y", List.of("v", "F", "G"), Attributes.intAttribute("transB", 1)));
    ModelProto.Builder dense = teacher.toBuilder();
    dense
        .getGraphBuilder()
        .addInitializer(Graphs.tensor("W", convWeight, 20, CHANNELS, 3, 2))
        .addInitializer(Graphs.tensor("B", convBias, 20))
        .addInitializer(Graphs.tensor("F", fcWeight, 7, 20))
        .addInitializer(Graphs.tensor("G", fcBias, 7));
    byte[] heir = HeirAssembler.assemble(family.manifest(), 1, family.blobs());
    OnnxModel parsed = OnnxModel.parse(heir, "heir");

    assertThat(parsed.opset()).isEqualTo(opset);
    assertThat(parsed.inputs()).isEqualTo(OnnxModel.of(teacherOf(dense), "teacher").inputs());
    assertClose(run(heir, image(batch)), run(teacherOf(dense).toByteArray(), image(batch)), 1e-4f);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void aGatedConvolutionOfKnownSizeHasFewerNodesAndTheSameOutputs(int batch) throws Exception {
    FactorPair pair =
        Layers.random("conv", LayerKind.LAYER_KIND_CONV, 40, CONV_INPUTS, KERNEL, 3, 16);
    NodeProto free = TinyFamily.factorPair(pair, "y", "x", GEOMETRY);
    byte[] unknown = gated(pair, free);
    byte[] known =
        gated(
            pair,
            free.toBuilder()
                .addAttribute(
                    Attributes.intsAttribute(HeirAssembler.SPATIAL, spatial(unknown, batch)))
                .build());

    assertThat(OnnxModel.parse(known, "known").nodes())
        .hasSizeLessThan(OnnxModel.parse(unknown, "unknown").nodes().size());
    assertClose(run(known, image(batch)), run(unknown, image(batch)), 1e-6f);
  }

  private static byte[] gated(FactorPair pair, NodeProto node) throws Exception {
    ModelProto skeleton =
        Graphs.model(
            17,
            Graphs.graph(
                List.of(Graphs.value("x", -1, CHANNELS, 9, 8)),
                List.of(Graphs.value("y", -1, 40, -1, -1)),
                List.of(node)));
    return HeirAssembler.assemble(
            skeleton, Map.of("conv", new RungLayer(pair, Layers.patch(pair, 1))), Padding.BLOCK)
        .bytes();
  }

  private static long[] spatial(byte[] model, int batch) throws Exception {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      long[] dims = session.runFirst(Map.of("x", image(batch))).dims();
      return new long[] {dims[2], dims[3]};
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,5", "3,1", "3,5"})
  void computesGatedConvolutionOfEveryRung(int heads, int batch) throws Exception {
    FactorPair pair =
        Layers.random("conv", LayerKind.LAYER_KIND_CONV, 40, CONV_INPUTS, KERNEL, heads, 20);
    ModelProto skeleton =
        Graphs.model(
            17,
            Graphs.graph(
                List.of(Graphs.value("x", -1, CHANNELS, 9, 8)),
                List.of(Graphs.value("y", -1, 40, -1, -1)),
                List.of(TinyFamily.factorPair(pair, "y", "x", GEOMETRY))));
    List<PatchLayer> patches = List.of(Layers.patch(pair, 1), Layers.patch(pair, 2));
    TinyFamily family =
        TinyFamily.of(
            skeleton,
            List.of(pair),
            List.of(List.of(3), List.of(20)),
            List.of(List.of(patches.get(0)), List.of(patches.get(1))));
    for (int rung = 1; rung <= 2; rung++) {
      FactorPair prefix = pair.prefix(rung == 1 ? 3 : 20);
      float[] expected =
          Reference.convolution(
              prefix,
              patches.get(rung - 1),
              image(batch).toFloats(),
              batch,
              CHANNELS,
              9,
              8,
              GEOMETRY);
      for (Padding padding : Padding.values()) {
        OnnxModel heir = HeirAssembler.assemble(family.manifest(), rung, family.blobs(), padding);
        assertClose(run(heir.bytes(), image(batch)), expected, 1e-4f);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,5", "3,1", "3,5"})
  void gatesEachPositionOfLinearLayerByItself(int heads, int batch) throws Exception {
    FactorPair pair = Layers.random("fc", LayerKind.LAYER_KIND_LINEAR, 24, 10, List.of(), heads, 9);
    PatchLayer patch = Layers.patch(pair, 6);
    ModelProto skeleton =
        Graphs.model(
            17,
            Graphs.graph(
                List.of(Graphs.value("x", -1, 7, 10)),
                List.of(Graphs.value("y", -1, 7, 24)),
                List.of(TinyFamily.factorPair(pair, "y", "x"))));
    TinyFamily family =
        TinyFamily.of(skeleton, List.of(pair), List.of(List.of(9)), List.of(List.of(patch)));
    TensorValue tokens = TensorValue.floats(Graphs.random(5, batch * 70), batch, 7, 10);
    float[] expected = Reference.linear(pair, patch, tokens.toFloats(), batch * 7);
    for (Padding padding : Padding.values()) {
      OnnxModel heir = HeirAssembler.assemble(family.manifest(), 1, family.blobs(), padding);
      assertClose(run(heir.bytes(), tokens), expected, 1e-4f);
    }
  }

  @Test
  void padsRanksWithZerosOnly() throws Exception {
    FactorPair pair =
        Layers.random("conv", LayerKind.LAYER_KIND_CONV, 40, CONV_INPUTS, KERNEL, 1, 20);
    ModelProto skeleton =
        Graphs.model(
            17,
            Graphs.graph(
                List.of(Graphs.value("x", -1, CHANNELS, 9, 8)),
                List.of(Graphs.value("y", -1, 40, -1, -1)),
                List.of(TinyFamily.factorPair(pair, "y", "x", GEOMETRY))));
    OnnxModel heir =
        HeirAssembler.assemble(
            skeleton, Map.of("conv", new RungLayer(pair, Layers.patch(pair, 1))), Padding.BLOCK);
    float[] down = OnnxTensors.floats(heir.initializers().get("conv.down"));
    float[] up = OnnxTensors.floats(heir.initializers().get("conv.up"));

    assertThat(down).hasSize(32 * CONV_INPUTS).startsWith(pair.down());
    for (int i = 20 * CONV_INPUTS; i < down.length; i++) {
      assertThat(down[i]).isZero();
    }
    for (int output = 0; output < 40; output++) {
      for (int column = 20; column < 32; column++) {
        assertThat(up[output * 32 + column]).isZero();
      }
    }
  }

  @Test
  void padsToWholeBlocksUnlessThatIsMoreThanTheOutputs() {
    assertThat(HeirAssembler.paddedRank(16)).isEqualTo(16);
    assertThat(HeirAssembler.paddedRank(17)).isEqualTo(32);
    assertThat(HeirAssembler.paddedRank(9, 16)).isEqualTo(16);
    assertThat(HeirAssembler.paddedRank(9, 15)).isEqualTo(9);
  }

  @Test
  void convolvesAlongOneAxis() throws Exception {
    for (int heads : new int[] {1, 3}) {
      FactorPair pair =
          Layers.random("conv", LayerKind.LAYER_KIND_CONV, 6, 12, List.of(3), heads, 5);
      ModelProto skeleton =
          Graphs.model(
              17,
              Graphs.graph(
                  List.of(Graphs.value("x", -1, 4, 9)),
                  List.of(Graphs.value("y", -1, 6, 7)),
                  List.of(TinyFamily.factorPair(pair, "y", "x"))));
      PatchLayer patch = Layers.patch(pair, 1);
      OnnxModel heir =
          HeirAssembler.assemble(
              skeleton, Map.of("conv", new RungLayer(pair, patch)), Padding.BLOCK);
      TensorValue x = TensorValue.floats(Graphs.random(1, 2 * 36), 2, 4, 9);
      // The same layer over an image of height one.
      FactorPair flat =
          new FactorPair(
              "conv", pair.kind(), 6, 12, List.of(1, 3), 5, pair.down(), ups(pair), pair.gate());
      float[] expected =
          Reference.convolution(
              flat, patch, x.toFloats(), 2, 4, 1, 9, new long[] {1, 1, 0, 0, 0, 0, 1, 1});
      assertClose(run(heir.bytes(), x), expected, 1e-4f);
    }
  }

  @Test
  void refusesRungThatDoesNotExist() throws Exception {
    TinyFamily family = TinyFamily.linear();
    assertThatThrownBy(() -> HeirAssembler.assemble(family.manifest(), 4, family.blobs()))
        .isInstanceOf(MalformedException.class)
        .hasMessage("rung 4 does not exist (expected: 1..3)");
  }

  @Test
  void refusesStoreWithoutABand() throws Exception {
    TinyFamily family = TinyFamily.linear();
    MemoryBlobStore partial = new MemoryBlobStore();
    for (Blob blob : Manifests.needed(family.manifest(), 1)) {
      partial.put(family.blobs().read(blob));
    }
    assertThat(HeirAssembler.assemble(family.manifest(), 1, partial)).isNotEmpty();
    assertThatThrownBy(() -> HeirAssembler.assemble(family.manifest(), 3, partial))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void refusesDenseWeightWhoseSizeIsNotTheSkeletons() throws Exception {
    TinyFamily family = TinyFamily.linear();
    byte[] wrong = new byte[20];
    family.blobs().put(wrong);
    Manifest.Builder manifest = family.change();
    manifest.getDenseBuilder(0).setBlob(BlobStore.blob(wrong));
    assertThatThrownBy(() -> HeirAssembler.assemble(manifest.build(), 1, family.blobs()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("dense weight gain: 20 bytes (expected: 24");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "other"})
  void refusesSkeletonWithUnknownLayer(String name) {
    FactorPair pair = Layers.random("fc", LayerKind.LAYER_KIND_LINEAR, 6, 5, List.of(), 1, 2);
    NodeProto node =
        TinyFamily.factorPair(pair, "y", "x").toBuilder()
            .setAttribute(0, Attributes.stringAttribute("layer", name))
            .build();
    ModelProto skeleton =
        Graphs.model(
            17,
            Graphs.graph(
                List.of(Graphs.value("x", -1, 5)),
                List.of(Graphs.value("y", -1, 6)),
                List.of(node)));
    assertThatThrownBy(
            () ->
                HeirAssembler.assemble(
                    skeleton,
                    Map.of("fc", new RungLayer(pair, Layers.patch(pair, 1))),
                    Padding.NONE))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("layer '" + name + "'");
  }

  private static List<float[]> ups(FactorPair pair) {
    return IntStream.range(0, pair.heads()).mapToObj(pair::up).toList();
  }

  private static ModelProto teacherOf(ModelProto.Builder builder) {
    return builder.build();
  }

  private static ModelProto network(int opset, NodeProto conv, NodeProto fc) {
    return Graphs.model(
        opset,
        Graphs.graph(
            List.of(Graphs.value("x", -1, CHANNELS, 9, 8)),
            List.of(Graphs.value("y", -1, 7)),
            List.of(
                conv,
                Graphs.node("Relu", "r", List.of("c")),
                Graphs.node("GlobalAveragePool", "p", List.of("r")),
                Graphs.node("Flatten", "v", List.of("p"), Attributes.intAttribute("axis", 1)),
                fc)));
  }

  private static TensorValue image(int batch) {
    return TensorValue.floats(Graphs.random(77, batch * CHANNELS * 72), batch, CHANNELS, 9, 8);
  }

  private static float[] run(byte[] model, TensorValue x) throws SessionException {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      return session.run(Map.of("x", x)).get("y").toFloats();
    }
  }

  private static void assertClose(float[] actual, float[] expected, float tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    float most = 0;
    for (float value : expected) {
      most = Math.max(most, Math.abs(value));
    }
    assertThat(most).isGreaterThan(0.01f);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(tolerance * most));
    }
  }
}
