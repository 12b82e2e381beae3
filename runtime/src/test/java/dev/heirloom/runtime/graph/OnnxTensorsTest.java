package dev.heirloom.runtime.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorProto.DataType;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnnxTensorsTest {

  @Test
  void readsFloatsFromEveryFieldThatMayHoldThem() {
    assertThat(
            OnnxTensors.floats(
                typed(DataType.FLOAT_VALUE, 2).addFloatData(1.5f).addFloatData(-2).build()))
        .containsExactly(1.5f, -2f);
    assertThat(OnnxTensors.floats(typed(DataType.DOUBLE_VALUE, 1).addDoubleData(0.25).build()))
        .containsExactly(0.25f);
    assertThat(
            OnnxTensors.floats(
                typed(DataType.FLOAT16_VALUE, 4)
                    .setRawData(raw(0x3c00, 0xc000, 0x0001, 0x7c00))
                    .build()))
        .containsExactly(1f, -2f, 0x1p-24f, Float.POSITIVE_INFINITY);
    assertThat(OnnxTensors.floats(typed(DataType.BFLOAT16_VALUE, 1).addInt32Data(0x3fc0).build()))
        .containsExactly(1.5f);
  }

  @Test
  void readsIntegersFromEveryFieldThatMayHoldThem() {
    assertThat(OnnxTensors.longs(OnnxTensors.ofLongs("t", new long[] {2}, new long[] {-1, 7})))
        .containsExactly(-1, 7);
    assertThat(OnnxTensors.longs(typed(DataType.INT64_VALUE, 1).addInt64Data(5).build()))
        .containsExactly(5);
    assertThat(
            OnnxTensors.longs(
                typed(DataType.UINT8_VALUE, 1).setRawData(ByteString.fromHex("ff")).build()))
        .containsExactly(255);
    assertThat(OnnxTensors.longs(typed(DataType.BOOL_VALUE, 1).addInt32Data(1).build()))
        .containsExactly(1);
  }

  @Test
  void givesRawBytesOfTypedFields() {
    TensorProto typed = typed(DataType.FLOAT_VALUE, 2).addFloatData(3).addFloatData(4).build();
    assertThat(OnnxTensors.raw(typed))
        .isEqualTo(OnnxTensors.ofFloats("t", new long[] {2}, new float[] {3, 4}).getRawData());
  }

  @Test
  void refusesTypesThatAreNotAskedFor() {
    TensorProto longs = OnnxTensors.ofLongs("t", new long[] {1}, new long[] {1});
    assertThatThrownBy(() -> OnnxTensors.floats(longs))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("floating-point");
    assertThatThrownBy(() -> OnnxTensors.ofFloats("t", new long[] {3}, new float[2]))
        .hasMessageContaining("expected: 3");
  }

  @Test
  void readsAttributesWithDefaults() {
    NodeProto node =
        NodeProto.newBuilder()
            .addAttribute(Attributes.intAttribute("i", 3))
            .addAttribute(Attributes.floatAttribute("f", 0.5f))
            .addAttribute(Attributes.stringAttribute("s", "text"))
            .addAttribute(Attributes.intsAttribute("ints", 1, 2))
            .build();
    assertThat(Attributes.i(node, "i", 0)).isEqualTo(3);
    assertThat(Attributes.f(node, "f", 0)).isEqualTo(0.5f);
    assertThat(Attributes.s(node, "s", "")).isEqualTo("text");
    assertThat(Attributes.ints(node, "ints")).containsExactly(1, 2);
    assertThat(Attributes.ints(node, "none", 9)).isEqualTo(new long[] {9});
    assertThat(Attributes.i(node, "none", 9)).isEqualTo(9);
    assertThat(List.of(Attributes.s(node, "none", "d"))).containsExactly("d");
  }

  private static TensorProto.Builder typed(int dataType, long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName("t").setDataType(dataType);
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    return tensor;
  }

  private static ByteString raw(int... shorts) {
    byte[] bytes = new byte[2 * shorts.length];
    for (int i = 0; i < shorts.length; i++) {
      bytes[2 * i] = (byte) shorts[i];
      bytes[2 * i + 1] = (byte) (shorts[i] >> 8);
    }
    return ByteString.copyFrom(bytes);
  }
}
