package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.FunctionProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.SparseTensorProto;
import dev.heirloom.proto.onnx.StringStringEntryProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.sample.SampleWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each kind of teacher and data that nothing can be made of gets one line that says so. */
class UnsuitableTeacherTest {
  private static final int SIZE = 64;
  private static final int CLASSES = 4;

  @TempDir private Path directory = Path.of("");

  /** What is wrong, what the line says, and whether such a model can still be evaluated. */
  private enum Flaw {
    NAN("tensor w holds NaN at element 7", false),
    INFINITE("tensor w holds Infinity at element 7", false),
    EMPTY_WEIGHT("has the weight w with dims [0, 64]: no elements", false),
    EMPTY_INPUT("axis 1 of input x has size 0", false),
    HUGE_INPUT("at most 268435456 elements", false),
    QUANTISED("is quantised (inherit from the float32 network", true),
    SPARSE("initializer s is sparse (export it dense)", true),
    CONTROL_FLOW("is control flow, which cannot be inherited", true),
    FUNCTION("it defines the function f (inline functions", true),
    CYCLE("the graph has a cycle through node", false),
    UNPRODUCED("nothing produces ghost", false),
    UNREACHED("output y depends on no input", true),
    DOUBLED("y is produced twice", false),
    NO_OUTPUT("the graph has no outputs", false),
    WRONG_SIZE("tensor w holds 12 bytes (expected: 16384", false),
    HUGE_TENSOR("more than 268435456 elements", false),
    ESCAPING("leaves the model's directory", false),
    ABSOLUTE("leaves the model's directory", false),
    TRUNCATED("not an ONNX model, or truncated", false),
    TWO_GIGABYTES("bytes (expected: at most 2147483639", false);

    private final String line;
    private final boolean runs;

    Flaw(String line, boolean runs) {
      this.line = line;
      this.runs = runs;
    }
  }

  private record Outcome(int code, List<String> messages) {}

  private static Outcome run(String... arguments) {
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    Streams streams =
        new Streams(
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(messages, true, StandardCharsets.UTF_8),
            0);
    Interruption interruption = Interruption.never(streams);
    int code =
        new CommandRunner("heirloom", streams, interruption)
            .run(HeirloomCommand.line(new Context(streams, interruption)), arguments);
    return new Outcome(
        code,
        messages
            .toString(StandardCharsets.UTF_8)
            .lines()
            .filter(line -> line.startsWith("heirloom:") || line.startsWith("  "))
            .toList());
  }

  @ParameterizedTest
  @EnumSource
  void inspectAndInheritRefuseInOneLineAndWriteNothing(Flaw flaw) throws Exception {
    Path teacher = write(flaw);
    Path out = directory.resolve("family");
    String data = samples(i -> i % CLASSES);

    Outcome inspected = run("inspect", teacher.toString());
    Outcome inherited =
        run(
            "inherit",
            teacher.toString(),
            "--train",
            data,
            "--validate",
            data,
            "--out",
            out.toString());

    for (Outcome outcome : List.of(inspected, inherited)) {
      assertThat(outcome.messages()).singleElement().asString().contains(flaw.line);
      assertThat(outcome.messages().get(0)).startsWith("heirloom: " + teacher);
      assertThat(outcome.code()).isEqualTo(1);
    }
    assertThat(out).doesNotExist();
    assertThat(directory.toFile().list((d, name) -> name.contains("family"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void evaluateRefusesInOneLineWhatCannotRun(Flaw flaw) throws Exception {
    Path teacher = write(flaw);

    Outcome outcome = run("evaluate", teacher.toString(), "--data", samples(i -> i % CLASSES));

    if (!flaw.runs) {
      assertThat(outcome.messages()).singleElement().asString().contains(flaw.line);
      assertThat(outcome.code()).isEqualTo(1);
    }
    assertThat(outcome.messages()).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void inheritRefusesSamplesOfOneClass() throws Exception {
    Path teacher =
        Files.write(directory.resolve("teacher.onnx"), model(sound().build()).toByteArray());
    String data = samples(i -> 2);
    Path out = directory.resolve("family");

    Outcome outcome =
        run(
            "inherit",
            teacher.toString(),
            "--train",
            data,
            "--validate",
            data,
            "--out",
            out.toString());

    assertThat(outcome.messages())
        .singleElement()
        .asString()
        .contains("every label is 2 (expected: samples of two classes or more)");
    assertThat(out).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"NaN,holds NaN", "1e30,numbers that are not finite"})
  void inheritRefusesDataThatTheTeacherCannotCarry(float value, String line) throws Exception {
    Path teacher =
        Files.write(directory.resolve("teacher.onnx"), model(sound().build()).toByteArray());
    Path file = directory.resolve("wild.npz");
    float[] values = new float[40 * SIZE];
    Arrays.fill(values, value);
    write(file, values, i -> i % CLASSES);

    Outcome outcome =
        run(
            "inherit",
            teacher.toString(),
            "--train",
            file.toString(),
            "--validate",
            file.toString(),
            "--out",
            directory.resolve("family").toString());

    assertThat(outcome.messages()).singleElement().asString().contains(line);
    assertThat(directory.resolve("family")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"empty.npz,''", "cut.npz,PK"})
  void dataThatIsNotWholeIsRefusedInOneLine(String name, String content) throws Exception {
    Path teacher =
        Files.write(directory.resolve("teacher.onnx"), model(sound().build()).toByteArray());
    Path file = Files.writeString(directory.resolve(name), content);

    Outcome outcome = run("evaluate", teacher.toString(), "--data", file.toString());

    assertThat(outcome.messages()).singleElement().asString().contains(name);
    assertThat(outcome.code()).isEqualTo(1);
  }

  private Path write(Flaw flaw) throws IOException {
    Path file = directory.resolve("teacher.onnx");
    Files.write(directory.resolveSibling("secret.bin"), new byte[SIZE * SIZE * 4]);
    if (flaw == Flaw.TWO_GIGABYTES) {
      try (var channel = new RandomAccessFile(file.toFile(), "rw")) {
        channel.setLength(Integer.MAX_VALUE + 1L);
      }
      return file;
    }
    byte[] bytes = flawed(flaw).toByteArray();
    return Files.write(
        file, flaw == Flaw.TRUNCATED ? Arrays.copyOf(bytes, bytes.length / 2) : bytes);
  }

  private ModelProto flawed(Flaw flaw) {
    GraphProto.Builder graph = sound();
    TensorProto weight = graph.getInitializer(0);
    switch (flaw) {
      case NAN -> graph.setInitializer(0, weightWith(Float.NaN));
      case INFINITE -> graph.setInitializer(0, weightWith(Float.POSITIVE_INFINITY));
      case EMPTY_WEIGHT ->
          graph.setInitializer(0, OnnxTensors.ofFloats("w", new long[] {0, SIZE}, new float[0]));
      case EMPTY_INPUT -> graph.setInput(0, value("x", -1, 0));
      case HUGE_INPUT -> graph.setInput(0, value("x", -1, 1L << 40));
      case QUANTISED -> {
        byte[] bytes = new byte[SIZE * SIZE];
        graph
            .setInitializer(
                0,
                OnnxTensors.ofRaw(
                    "q",
                    TensorProto.DataType.INT8_VALUE,
                    new long[] {SIZE, SIZE},
                    ByteString.copyFrom(bytes)))
            .addInitializer(OnnxTensors.ofFloats("scale", new long[0], new float[] {0.1f}))
            .addNode(0, node("DequantizeLinear", "w", "q", "scale"));
      }
      case SPARSE ->
          graph.addSparseInitializer(
              SparseTensorProto.newBuilder()
                  .setValues(OnnxTensors.ofFloats("s", new long[] {1}, new float[] {1}))
                  .setIndices(OnnxTensors.ofLongs("", new long[] {1}, new long[] {0}))
                  .addDims(SIZE));
      case CONTROL_FLOW -> {
        GraphProto inner =
            GraphProto.newBuilder()
                .setName("inner")
                .addNode(node("Neg", "i", "x"))
                .addOutput(value("i", -1, SIZE))
                .build();
        graph
            .addInitializer(
                OnnxTensors.ofRaw(
                    "flag",
                    TensorProto.DataType.BOOL_VALUE,
                    new long[] {1},
                    ByteString.copyFrom(new byte[] {1})))
            .addNode(
                node("If", "z", "flag").toBuilder()
                    .addAttribute(branch("then_branch", inner))
                    .addAttribute(branch("else_branch", inner)));
      }
      case CYCLE -> graph.setNode(0, node("MatMul", "a", "c", "w"));
      case UNPRODUCED -> graph.setNode(0, node("MatMul", "a", "ghost", "w"));
      case UNREACHED -> graph.setNode(2, node("MatMul", "y", "w", "v"));
      case DOUBLED -> graph.addNode(node("Neg", "y", "x"));
      case NO_OUTPUT -> graph.clearOutput();
      case WRONG_SIZE ->
          graph.setInitializer(0, weight.toBuilder().setRawData(ByteString.copyFrom(new byte[12])));
      case HUGE_TENSOR -> graph.setInitializer(0, weight.toBuilder().setDims(0, 1L << 40));
      case ESCAPING -> graph.setInitializer(0, external(weight, "../secret.bin"));
      case ABSOLUTE ->
          graph.setInitializer(
              0, external(weight, directory.resolveSibling("secret.bin").toString()));
      default -> {}
    }
    ModelProto model = model(graph.build());
    return flaw == Flaw.FUNCTION
        ? model.toBuilder()
            .addFunctions(
                FunctionProto.newBuilder()
                    .setName("f")
                    .setDomain("own")
                    .addInput("p")
                    .addOutput("q")
                    .addNode(node("Neg", "q", "p"))
                    .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13)))
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("own").setVersion(1))
            .build()
        : model;
  }

  /** A perceptron that could be inherited. */
  private static GraphProto.Builder sound() {
    return GraphProto.newBuilder()
        .setName("teacher")
        .addInput(value("x", -1, SIZE))
        .addInitializer(weightWith(0.5f))
        .addInitializer(
            OnnxTensors.ofFloats("v", new long[] {SIZE, CLASSES}, new float[SIZE * CLASSES]))
        .addNode(node("MatMul", "a", "x", "w"))
        .addNode(node("Relu", "c", "a"))
        .addNode(node("MatMul", "y", "c", "v"))
        .addOutput(value("y", -1, CLASSES));
  }

  private static TensorProto weightWith(float seventh) {
    float[] values = new float[SIZE * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 31 % 17 - 8) / 16f;
    }
    values[7] = seventh;
    return OnnxTensors.ofFloats("w", new long[] {SIZE, SIZE}, values);
  }

  private static TensorProto external(TensorProto tensor, String location) {
    return tensor.toBuilder()
        .clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(location))
        .build();
  }

  private static AttributeProto branch(String name, GraphProto graph) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(graph)
        .build();
  }

  private static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(output + "_node")
        .addAllInput(Arrays.asList(inputs))
        .addOutput(output)
        .build();
  }

  private static ValueInfoProto value(String name, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      var dimension = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(dim < 0 ? dimension.setDimParam("batch") : dimension.setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder()
                        .setElemType(TensorProto.DataType.FLOAT_VALUE)
                        .setShape(shape)))
        .build();
  }

  private static ModelProto model(GraphProto graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
        .setGraph(graph)
        .build();
  }

  private String samples(IntUnaryOperator label) throws IOException {
    Path file = directory.resolve("data.npz");
    float[] values = new float[40 * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7 % 23 - 11) / 11f;
    }
    write(file, values, label);
    return file.toString();
  }

  private static void write(Path file, float[] values, IntUnaryOperator label) throws IOException {
    int size = values.length / SIZE;
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    long[] labels = new long[size];
    Arrays.setAll(labels, i -> label.applyAsInt(i));
    SampleWriter.write(
        SampleSet.of(size)
            .input("x", ElementType.ELEMENT_TYPE_FLOAT32, List.of((long) SIZE), raw)
            .labels(1, labels)
            .build(),
        file);
  }
}
