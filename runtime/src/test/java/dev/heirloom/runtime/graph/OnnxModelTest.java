package dev.heirloom.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.StringStringEntryProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.fixture.Graphs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class OnnxModelTest {

  @TempDir Path directory;

  @Test
  void readsInputsOutputsAndOpset() throws Exception {
    OnnxModel model = OnnxModel.of(Graphs.model(17, Graphs.relu()), "test");
    assertThat(model.opset()).isEqualTo(17);
    assertThat(model.inputs())
        .containsExactly(new TensorSpec("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(-1L, 4L)));
    assertThat(model.outputs().get(0).sampleDims()).containsExactly(4L);
    assertThat(OnnxModel.parse(model.bytes(), "copy").proto()).isEqualTo(model.proto());
  }

  @Test
  void countsFloatingPointWeightsOnly() throws Exception {
    GraphProto.Builder graph =
        Graphs.relu()
            .addInitializer(Graphs.tensor("w", new float[6], 2, 3))
            .addInitializer(OnnxTensors.ofLongs("shape", new long[] {2}, new long[] {1, 2}))
            .addNode(constant("many", new float[5], 5))
            .addNode(constant("one", new float[1], 1));
    assertThat(OnnxModel.of(Graphs.model(17, graph), "test").parameters()).isEqualTo(11);
  }

  @Test
  void sortsNodesThatAreOutOfOrder() throws Exception {
    GraphProto.Builder graph =
        Graphs.graph(
            List.of(Graphs.value("x", -1, 4)),
            List.of(Graphs.value("y", -1, 4)),
            List.of(Graphs.node("Relu", "y", List.of("h")), Graphs.node("Neg", "h", List.of("x"))));
    OnnxModel model = OnnxModel.of(Graphs.model(17, graph), "test");
    assertThat(model.nodes()).extracting(NodeProto::getOpType).containsExactly("Neg", "Relu");
  }

  @Test
  void refusesFileThatIsNotThere() {
    assertThatThrownBy(() -> OnnxModel.read(directory.resolve("none.onnx")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void refusesWhatIsNoModel() throws Exception {
    refuses(new byte[0], "empty");
    refuses("This is not a model.\n".getBytes(StandardCharsets.UTF_8), "not an ONNX model");
    refuses(ModelProto.newBuilder().setIrVersion(8).build().toByteArray(), "no graph");
    refuses(Graphs.model(17, GraphProto.newBuilder()).toByteArray(), "no nodes");
    refuses(Graphs.model(0, Graphs.relu()).toByteArray(), "opset 0");
    refuses(
        ModelProto.newBuilder().setGraph(Graphs.relu()).build().toByteArray(),
        "standard operator set");
    assertThatThrownBy(() -> OnnxModel.read(directory)).hasMessageContaining("a directory");
  }

  @Test
  void refusesEveryTruncation() throws Exception {
    byte[] whole =
        Graphs.model(17, Graphs.relu().addInitializer(Graphs.tensor("w", new float[8], 8)))
            .toByteArray();
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> OnnxModel.parse(part, "part"))
          .as("the first %d of %d bytes", length, whole.length)
          .isInstanceOf(MalformedException.class);
    }
  }

  @Test
  void refusesGraphThatIsNotConnected() {
    GraphProto.Builder missing =
        Graphs.graph(
            List.of(Graphs.value("x", -1, 4)),
            List.of(Graphs.value("y", -1, 4)),
            List.of(Graphs.node("Add", "y", List.of("x", "ghost"))));
    refuses(Graphs.model(17, missing).toByteArray(), "nothing produces ghost");
    GraphProto.Builder output = Graphs.relu().addOutput(Graphs.value("nowhere", -1));
    refuses(Graphs.model(17, output).toByteArray(), "nothing produces the output nowhere");
  }

  @Test
  void refusesCycle() {
    GraphProto.Builder cycle =
        Graphs.graph(
            List.of(Graphs.value("x", -1, 4)),
            List.of(Graphs.value("y", -1, 4)),
            List.of(
                Graphs.node("Add", "a", List.of("x", "b")),
                Graphs.node("Neg", "b", List.of("a")),
                Graphs.node("Relu", "y", List.of("b"))));
    refuses(Graphs.model(17, cycle).toByteArray(), "cycle through node a.node (Add)");
  }

  @Test
  void refusesNameThatIsProducedTwice() {
    refuses(
        Graphs.model(17, Graphs.relu().addNode(Graphs.node("Neg", "y", List.of("x"))))
            .toByteArray(),
        "y is produced twice");
    TensorProto w = Graphs.tensor("w", new float[1], 1);
    refuses(
        Graphs.model(17, Graphs.relu().addInitializer(w).addInitializer(w)).toByteArray(),
        "two initializers are named w");
  }

  @Test
  void refusesInitializerThatDoesNotFitItsDims() {
    TensorProto torn =
        Graphs.tensor("w", new float[4], 4).toBuilder()
            .setRawData(ByteString.copyFrom(new byte[15]))
            .build();
    refuses(
        Graphs.model(17, Graphs.relu().addInitializer(torn)).toByteArray(),
        "tensor w holds 15 bytes (expected: 16 for dims [4])");
    TensorProto huge =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(1)
            .addDims(Long.MAX_VALUE)
            .addDims(3)
            .build();
    refuses(Graphs.model(17, Graphs.relu().addInitializer(huge)).toByteArray(), "more than");
    refuses(
        Graphs.model(17, Graphs.relu().addInitializer(torn.toBuilder().setDims(0, -4).build()))
            .toByteArray(),
        "dim -4");
  }

  @Test
  void refusesInputOfATypeThatCannotBeFed() {
    GraphProto.Builder graph =
        Graphs.relu().setInput(0, Graphs.typed("x", TensorProto.DataType.COMPLEX64_VALUE, -1));
    refuses(Graphs.model(17, graph).toByteArray(), "input x has data type 14");
  }

  @Test
  void loadsTensorsFromTheModelsDirectory() throws Exception {
    TensorProto inside = Graphs.tensor("w", new float[] {1, 2, 3}, 3);
    byte[] padded = ByteString.copyFrom(new byte[8]).concat(inside.getRawData()).toByteArray();
    Files.write(directory.resolve("weights.bin"), padded);
    Path file = external(inside, "weights.bin", "8");
    assertThat(OnnxTensors.floats(OnnxModel.read(file).initializers().get("w")))
        .containsExactly(1, 2, 3);
    assertThatThrownBy(() -> OnnxModel.parse(Files.readAllBytes(file), "bytes"))
        .hasMessageContaining("another file");
  }

  @Test
  void refusesTensorsFromElsewhere() throws Exception {
    TensorProto tensor = Graphs.tensor("w", new float[] {1, 2, 3}, 3);
    Path inner = Files.createDirectory(directory.resolve("inner"));
    Files.write(directory.resolve("secret"), new byte[12]);
    Files.createSymbolicLink(inner.resolve("link"), directory.resolve("secret"));
    Path model = inner.resolve("m.onnx");
    for (String location :
        List.of("../secret", directory.resolve("secret").toString(), "link", "")) {
      Files.move(external(tensor, location, "0"), model);
      assertThatThrownBy(() -> OnnxModel.read(model))
          .as(location)
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("tensor w");
      Files.delete(model);
    }
  }

  @Test
  void refusesExternalTensorThatIsTruncated() throws Exception {
    TensorProto tensor = Graphs.tensor("w", new float[] {1, 2, 3}, 3);
    Files.write(directory.resolve("weights.bin"), new byte[11]);
    Path file = external(tensor, "weights.bin", "0");
    assertThatThrownBy(() -> OnnxModel.read(file)).hasMessageContaining("11 bytes");
    Path past = external(tensor, "weights.bin", "99");
    assertThatThrownBy(() -> OnnxModel.read(past)).isInstanceOf(MalformedException.class);
  }

  @Test
  void refusesExtraOutputThatNothingProduces() throws Exception {
    OnnxModel model = OnnxModel.of(Graphs.model(17, Graphs.relu()), "test");
    assertThat(model.withExtraOutputs(List.of("y")).outputs()).isEqualTo(model.outputs());
    assertThatThrownBy(() -> model.withExtraOutputs(List.of("z")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private Path external(TensorProto tensor, String location, String offset) throws Exception {
    TensorProto external =
        tensor.toBuilder()
            .clearRawData()
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", offset))
            .build();
    Path file = directory.resolve("external.onnx");
    return Files.write(
        file, Graphs.model(17, Graphs.relu().addInitializer(external)).toByteArray());
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static NodeProto constant(String name, float[] values, long... dims) {
    return Graphs.node(
        "Constant",
        name,
        List.of(),
        Attributes.tensorAttribute("value", Graphs.tensor("", values, dims)));
  }

  private static void refuses(byte[] bytes, String message) {
    assertThatThrownBy(() -> OnnxModel.parse(bytes, "test.onnx"))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(message)
        .hasMessageStartingWith("test.onnx: ");
  }
}
