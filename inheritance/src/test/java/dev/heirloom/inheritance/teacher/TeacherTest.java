package dev.heirloom.inheritance.teacher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import dev.heirloom.inheritance.TinyModels;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.StringStringEntryProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TeacherTest {

  private static TensorValue gaussian(long seed, long... dims) {
    SplittableRandom random = new SplittableRandom(seed);
    int elements = 1;
    for (long dim : dims) {
      elements *= (int) dim;
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return TensorValue.floats(values, dims);
  }

  private static float[] run(OnnxModel model, TensorValue input) throws Exception {
    try (OnnxSession session = OnnxSession.open(model.bytes(), SessionSettings.cpu(1))) {
      return session.runFirst(Map.of("x", input)).toFloats();
    }
  }

  @Test
  void foldingNormalisationChangesNothingThatIsComputed() throws Exception {
    OnnxModel model =
        new TinyModels(3)
            .input("x", -1, 3, 8, 8)
            .block("x", "a", 3, 16, 1)
            .block("a", "b", 16, 8, 2)
            .output("b", -1, 8, 4, 4)
            .build();
    Teacher teacher = Teacher.of(model);
    assertThat(teacher.folded().nodes()).noneMatch(n -> n.getOpType().equals("BatchNormalization"));
    TensorValue input = gaussian(5, 2, 3, 8, 8);
    float[] expected = run(model, input);
    float[] folded = run(teacher.folded(), input);
    for (int i = 0; i < expected.length; i++) {
      assertThat(folded[i]).isCloseTo(expected[i], within(1e-4f));
    }
  }

  @Test
  void refusesInputsThatSamplesCannotBeFor() throws Exception {
    OnnxModel model =
        new TinyModels(3)
            .input("x", -1, 3, 8, 8)
            .block("x", "a", 3, 16, 1)
            .output("a", -1, 16, 8, 8)
            .build();
    ModelProto.Builder proto = model.proto().toBuilder();
    proto
        .getGraphBuilder()
        .addInput(
            ValueInfoProto.newBuilder()
                .setName("mask")
                .setType(
                    TypeProto.newBuilder()
                        .setTensorType(
                            TypeProto.Tensor.newBuilder()
                                .setElemType(TensorProto.DataType.BOOL_VALUE)
                                .setShape(
                                    TensorShapeProto.newBuilder()
                                        .addDim(
                                            TensorShapeProto.Dimension.newBuilder()
                                                .setDimParam("batch"))))));
    OnnxModel masked = OnnxModel.of(proto.build(), "masked");
    assertThatThrownBy(() -> Teacher.of(masked))
        .isInstanceOf(MalformedException.class)
        .hasMessage("masked: input mask is bool (expected: float32, int32, int64 or uint8)");
  }

  @Test
  void normalisationWhoseInputIsUsedElsewhereStays() throws Exception {
    OnnxModel model =
        new TinyModels(3)
            .input("x", -1, 3, 8, 8)
            .block("x", "a", 3, 16, 1)
            .node("Add", List.of("a_c", "a"), "y")
            .output("y", -1, 16, 8, 8)
            .build();
    assertThat(Teacher.of(model).folded().nodes())
        .anyMatch(node -> node.getOpType().equals("BatchNormalization"));
  }

  @Test
  void saysWhyALayerIsLeftDense() throws Exception {
    OnnxModel model =
        new TinyModels(3)
            .input("x", -1, 8)
            .weight("shared", 1, 8, 8)
            .weight("own", 1, 8, 8)
            .node("MatMul", List.of("x", "shared"), "a")
            .node("MatMul", List.of("a", "shared"), "b")
            .node("MatMul", List.of("b", "own"), "c")
            .node("MatMul", List.of("c", "c"), "d")
            .output("c", -1, 8)
            .build();
    Teacher teacher = Teacher.of(model);
    assertThat(teacher.layers()).extracting(DenseLayer::name).containsExactly("c_node");
    assertThat(teacher.leftDense())
        .containsEntry("a_node", "its weight is shared with another layer")
        .containsEntry("d_node", "its weight is not constant");
  }

  @Test
  void aLayersWeightTimesItsInputRowsIsWhatTheRuntimeComputes() throws Exception {
    OnnxModel model =
        new TinyModels(9)
            .input("x", -1, 3, 9, 7)
            .weight("w", 0.3, 4, 3, 3, 2)
            .weight("b", 0.3, 4)
            .node(
                "Conv",
                List.of("x", "w", "b"),
                "y",
                Attributes.intsAttribute("kernel_shape", 3, 2),
                Attributes.intsAttribute("strides", 2, 1),
                Attributes.intsAttribute("pads", 1, 0, 2, 1),
                Attributes.intsAttribute("dilations", 2, 1))
            .output("y", -1, 4, -1, -1)
            .build();
    DenseLayer layer = Teacher.of(model).layers().get(0);
    TensorValue input = gaussian(1, 2, 3, 9, 7);
    List<float[]> rows = new ArrayList<>();
    InputRows cutter =
        new InputRows(
            layer,
            Integer.MAX_VALUE,
            (values, count) -> {
              for (int i = 0; i < count; i++) {
                rows.add(Arrays.copyOfRange(values, i * layer.inputs(), (i + 1) * layer.inputs()));
              }
            });
    cutter.cut(input.toFloats(), input.dims());
    cutter.flush();
    float[] expected = run(model, input);
    int positions = rows.size() / 2;
    assertThat(rows.size() * 4).isEqualTo(expected.length);
    for (int row = 0; row < rows.size(); row++) {
      for (int o = 0; o < 4; o++) {
        double y = layer.bias()[o];
        for (int i = 0; i < layer.inputs(); i++) {
          y += layer.weight()[o * layer.inputs() + i] * rows.get(row)[i];
        }
        int at = (row / positions * 4 + o) * positions + row % positions;
        assertThat(expected[at]).isCloseTo((float) y, within(1e-4f));
      }
    }
  }

  @Test
  void gemmWeightsAreReadInEitherOrderWithTheirFactors() throws Exception {
    for (long transposed : new long[] {0, 1}) {
      OnnxModel model =
          new TinyModels(4)
              .input("x", -1, 6)
              .weight("w", 1, transposed == 1 ? new long[] {5, 6} : new long[] {6, 5})
              .weight("b", 1, 5)
              .node(
                  "Gemm",
                  List.of("x", "w", "b"),
                  "y",
                  Attributes.intAttribute("transB", transposed),
                  Attributes.floatAttribute("alpha", 0.5f),
                  Attributes.floatAttribute("beta", 2))
              .output("y", -1, 5)
              .build();
      DenseLayer layer = Teacher.of(model).layers().get(0);
      TensorValue input = gaussian(8, 1, 6);
      float[] x = input.toFloats();
      float[] expected = run(model, input);
      for (int o = 0; o < 5; o++) {
        double y = layer.bias()[o];
        for (int i = 0; i < 6; i++) {
          y += layer.weight()[o * 6 + i] * x[i];
        }
        assertThat(expected[o]).isCloseTo((float) y, within(1e-4f));
      }
    }
  }

  @Test
  void readsWeightsFromOtherFiles(@TempDir Path directory) throws Exception {
    OnnxModel whole =
        new TinyModels(4)
            .input("x", -1, 6)
            .weight("w", 1, 6, 5)
            .weight("b", 1, 5)
            .node("Gemm", List.of("x", "w", "b"), "y")
            .output("y", -1, 5)
            .build();
    ModelProto.Builder proto = whole.proto().toBuilder();
    ByteString.Output file = ByteString.newOutput();
    for (TensorProto.Builder tensor : proto.getGraphBuilder().getInitializerBuilderList()) {
      tensor
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(entry("location", "weights.bin"))
          .addExternalData(entry("offset", Integer.toString(file.size())))
          .addExternalData(entry("length", Integer.toString(tensor.getRawData().size())));
      tensor.getRawData().writeTo(file);
      tensor.clearRawData();
    }
    Files.write(directory.resolve("weights.bin"), file.toByteString().toByteArray());
    Files.write(directory.resolve("teacher.onnx"), proto.build().toByteArray());
    Teacher teacher = Teacher.read(directory.resolve("teacher.onnx"));
    DenseLayer expected = Teacher.of(whole).layers().get(0);
    assertThat(teacher.layers()).hasSize(1);
    assertThat(teacher.layers().get(0).weight()).isEqualTo(expected.weight());
    assertThat(teacher.layers().get(0).bias()).isEqualTo(expected.bias());
    TensorValue input = gaussian(8, 2, 6);
    assertThat(run(teacher.original(), input)).isEqualTo(run(whole, input));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }
}
