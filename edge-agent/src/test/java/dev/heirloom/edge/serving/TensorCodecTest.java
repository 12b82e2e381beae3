package dev.heirloom.edge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.inference.InferTensorContents;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TensorCodecTest {

  private static Map<String, TensorValue> read(
      ElementType type, String datatype, InferTensorContents contents) throws MalformedException {
    ModelInferRequest request =
        ModelInferRequest.newBuilder()
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder()
                    .setName("t")
                    .setDatatype(datatype)
                    .addShape(1)
                    .addShape(3)
                    .setContents(contents))
            .build();
    return TensorCodec.inputs(request, List.of(new TensorSpec("t", type, List.of(-1L, 3L))));
  }

  private static void assertSurvives(
      ElementType type, String datatype, InferTensorContents contents) throws MalformedException {
    Map<String, TensorValue> read = read(type, datatype, contents);
    ModelInferResponse.Builder typed = ModelInferResponse.newBuilder();
    TensorCodec.write(read, false, typed);
    assertThat(typed.getOutputs(0).getDatatype()).isEqualTo(datatype);
    assertThat(typed.getOutputs(0).getContents()).isEqualTo(contents);
    ModelInferResponse.Builder raw = ModelInferResponse.newBuilder();
    TensorCodec.write(read, true, raw);
    ModelInferRequest again =
        ModelInferRequest.newBuilder()
            .addInputs(
                ModelInferRequest.InferInputTensor.newBuilder()
                    .setName("t")
                    .setDatatype(datatype)
                    .addShape(1)
                    .addShape(3))
            .addRawInputContents(ByteString.copyFrom(raw.getRawOutputContents(0).toByteArray()))
            .build();
    ModelInferResponse.Builder back = ModelInferResponse.newBuilder();
    TensorCodec.write(
        TensorCodec.inputs(again, List.of(new TensorSpec("t", type, List.of(-1L, 3L)))),
        false,
        back);
    assertThat(back.getOutputs(0).getContents()).isEqualTo(contents);
  }

  @Test
  void everyElementTypeSurvivesTypedAndRaw() throws Exception {
    assertSurvives(
        ElementType.ELEMENT_TYPE_FLOAT32,
        "FP32",
        InferTensorContents.newBuilder()
            .addFp32Contents(-1.5f)
            .addFp32Contents(0)
            .addFp32Contents(3e9f)
            .build());
    assertSurvives(
        ElementType.ELEMENT_TYPE_INT64,
        "INT64",
        InferTensorContents.newBuilder()
            .addInt64Contents(Long.MIN_VALUE)
            .addInt64Contents(0)
            .addInt64Contents(7)
            .build());
    assertSurvives(
        ElementType.ELEMENT_TYPE_INT32,
        "INT32",
        InferTensorContents.newBuilder()
            .addIntContents(-7)
            .addIntContents(0)
            .addIntContents(Integer.MAX_VALUE)
            .build());
    assertSurvives(
        ElementType.ELEMENT_TYPE_UINT8,
        "UINT8",
        InferTensorContents.newBuilder()
            .addUintContents(0)
            .addUintContents(128)
            .addUintContents(255)
            .build());
  }

  @Test
  void refusesBytesOutOfRange() {
    InferTensorContents contents =
        InferTensorContents.newBuilder()
            .addUintContents(0)
            .addUintContents(256)
            .addUintContents(1)
            .build();
    assertThatThrownBy(() -> read(ElementType.ELEMENT_TYPE_UINT8, "UINT8", contents))
        .isInstanceOf(MalformedException.class)
        .hasMessage("inputs[0].contents.uint_contents: value 1 is 256 (expected: 0..255)");
  }

  @Test
  void everyTypeHasItsName() {
    assertThat(
            Arrays.stream(ElementType.values())
                .filter(type -> type != ElementType.ELEMENT_TYPE_UNSPECIFIED)
                .filter(type -> type != ElementType.UNRECOGNIZED)
                .map(TensorCodec::datatype))
        .containsExactlyInAnyOrder(
            "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64",
            "FP16", "FP32", "FP64", "BYTES");
  }

  @Test
  void outputsAreAllRawWhereOneIsOfATypeThatIsRawOnly() {
    Map<String, TensorValue> outputs = new LinkedHashMap<>();
    outputs.put("f", TensorValue.floats(new float[] {1}, 1));
    outputs.put(
        "h",
        TensorValue.little(
            ElementType.ELEMENT_TYPE_FLOAT16, ByteBuffer.wrap(new byte[] {0, 60}), 1));
    ModelInferResponse.Builder response = ModelInferResponse.newBuilder();
    TensorCodec.write(outputs, false, response);
    assertThat(response.getRawOutputContentsList())
        .containsExactly(
            ByteString.copyFrom(new byte[] {0, 0, (byte) 128, 63}),
            ByteString.copyFrom(new byte[] {0, 60}));
    assertThat(response.getOutputsList()).noneMatch(output -> output.hasContents());
    assertThat(response.getOutputs(1).getDatatype()).isEqualTo("FP16");
  }
}
