package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
  @TempDir private Path directory = Path.of("");

  private final ByteArrayOutputStream results = new ByteArrayOutputStream();
  private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

  private int run(String... arguments) {
    Streams streams =
        new Streams(
            new PrintStream(results, true, StandardCharsets.UTF_8),
            new PrintStream(messages, true, StandardCharsets.UTF_8),
            0);
    Interruption interruption = Interruption.never(streams);
    return new CommandRunner("heirloom", streams, interruption)
        .run(HeirloomCommand.line(new Context(streams, interruption)), arguments);
  }

  private JsonNode figures() throws Exception {
    List<String> lines = results.toString(StandardCharsets.UTF_8).lines().toList();
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }

  /** x[batch, 2] times a factor each, as y. */
  private String model(String name, float... factors) throws Exception {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("scaled")
            .addInput(value("x"))
            .addOutput(value("y"))
            .addInitializer(OnnxTensors.ofFloats("f", new long[] {2}, factors))
            .addNode(
                NodeProto.newBuilder().setOpType("Mul").addInput("x").addInput("f").addOutput("y"))
            .build();
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    return Files.write(directory.resolve(name), model.toByteArray()).toString();
  }

  private static ValueInfoProto value(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(
                            TensorShapeProto.newBuilder()
                                .addDim(
                                    TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
                                .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(2)))))
        .build();
  }

  private static SampleSet.Builder three() {
    ByteBuffer raw = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(new float[] {1, 0, 2, 0, 3, 3});
    return SampleSet.of(3).input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of(2L), raw);
  }

  private String data(SampleSet samples) throws Exception {
    Path file = directory.resolve("data.npz");
    SampleWriter.write(samples, file);
    return file.toString();
  }

  @Test
  void floatingPointTargetsAreForARegression() throws Exception {
    String model = model("model.onnx", 1, 1);
    String data = data(three().targets(2, 1, 0, 2, 0, 3, 4).build());

    assertThat(run("evaluate", model, "--data", data, "--threads", "1", "--json")).isZero();

    // One error of 1 over a spread of 2 + 32 / 3.
    assertThat(figures().path("task").asText()).isEqualTo("regression");
    assertThat(figures().path("accuracy").asDouble()).isEqualTo(Figures.rounded(1 - 3 / 38.0));
    assertThat(figures().has("agreement")).isFalse();
  }

  @Test
  void withoutLabelsATeacherIsNeededToAgreeWith() throws Exception {
    String model = model("model.onnx", 1, 1);
    String data = data(three().build());

    int code = run("evaluate", model, "--data", data, "--threads", "1");

    assertThat(code).isEqualTo(1);
    assertThat(messages.toString(StandardCharsets.UTF_8))
        .contains("data.npz")
        .contains("no labels (expected: labels, or --teacher");

    // (1, 0) and (2, 0) keep their direction; cos((3, 3), (3, −3)) = 0.
    String teacher = model("teacher.onnx", 1, -1);
    assertThat(
            run(
                "evaluate",
                model,
                "--data",
                data,
                "--threads",
                "1",
                "--task",
                "embedding",
                "--teacher",
                teacher,
                "--json"))
        .isZero();
    assertThat(figures().path("agreement").asDouble()).isEqualTo(Figures.rounded(2 / 3.0));
    assertThat(figures().has("accuracy")).isFalse();
  }

  @Test
  void namesAnOutputThatTheModelLacks() throws Exception {
    String model = model("model.onnx", 1, 1);
    String data = data(three().labels(1, 0, 0, 1).build());

    int code = run("evaluate", model, "--data", data, "--output", "z");

    assertThat(code).isEqualTo(1);
    assertThat(messages.toString(StandardCharsets.UTF_8))
        .contains("output z: the model has no such output (expected: one of [y])");
  }
}
