package dev.heirloom.edge.serving;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.inference.InferTensorContents;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.ElementTypes;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tensors of the Open Inference Protocol as the runtime's values, and back. */
final class TensorCodec {
  private static final long MOST_ELEMENTS = 1 << 24;

  private TensorCodec() {}

  /**
   * Reads a request's inputs.
   *
   * @param specs what the heir expects, the batch axis first
   * @return one value per input of the heir
   * @throws MalformedException naming the field that is wrong
   */
  static Map<String, TensorValue> inputs(ModelInferRequest request, List<TensorSpec> specs)
      throws MalformedException {
    int raw = request.getRawInputContentsCount();
    if (raw != 0 && raw != request.getInputsCount()) {
      throw new MalformedException(
          "raw_input_contents: %d entries (expected: %d, one per input)"
              .formatted(raw, request.getInputsCount()));
    }
    Map<String, TensorValue> values = new LinkedHashMap<>();
    long batch = -1;
    for (int i = 0; i < request.getInputsCount(); i++) {
      ModelInferRequest.InferInputTensor tensor = request.getInputs(i);
      String field = "inputs[" + i + "]";
      TensorSpec spec = spec(tensor.getName(), specs, field);
      Optional<ByteString> bytes =
          raw == 0 ? Optional.empty() : Optional.of(request.getRawInputContents(i));
      TensorValue value = value(tensor, bytes, spec, field, "raw_input_contents[" + i + "]");
      if (batch >= 0 && value.dims()[0] != batch) {
        throw new MalformedException(
            "%s.shape: batch of %d (expected: %d, as the input before)"
                .formatted(field, value.dims()[0], batch));
      }
      batch = value.dims()[0];
      if (values.put(spec.name(), value) != null) {
        throw new MalformedException(field + ".name: '" + spec.name() + "' is given twice");
      }
    }
    for (TensorSpec spec : specs) {
      if (!values.containsKey(spec.name())) {
        throw new MalformedException("inputs: no '" + spec.name() + "'");
      }
    }
    return values;
  }

  /**
   * The names of the outputs asked for; empty asks for all.
   *
   * @throws MalformedException if the heir has no such output
   */
  static List<String> outputs(ModelInferRequest request, List<TensorSpec> specs)
      throws MalformedException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < request.getOutputsCount(); i++) {
      names.add(spec(request.getOutputs(i).getName(), specs, "outputs[" + i + "]").name());
    }
    return names;
  }

  /**
   * Writes the outputs into a response.
   *
   * @param raw whether as raw bytes, as the request's inputs were
   */
  static void write(
      Map<String, TensorValue> outputs, boolean raw, ModelInferResponse.Builder response) {
    outputs.forEach(
        (name, value) -> {
          ModelInferResponse.InferOutputTensor.Builder tensor =
              ModelInferResponse.InferOutputTensor.newBuilder()
                  .setName(name)
                  .setDatatype(datatype(value.type()));
          for (long dim : value.dims()) {
            tensor.addShape(dim);
          }
          if (raw) {
            response.addRawOutputContents(ByteString.copyFrom(value.toLittle()));
          } else {
            tensor.setContents(contents(value));
          }
          response.addOutputs(tensor);
        });
  }

  /** The protocol's name of an element type. */
  static String datatype(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> "FP32";
      case ELEMENT_TYPE_INT32 -> "INT32";
      case ELEMENT_TYPE_INT64 -> "INT64";
      case ELEMENT_TYPE_UINT8 -> "UINT8";
      case ELEMENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> "BYTES";
    };
  }

  private static TensorSpec spec(String name, List<TensorSpec> specs, String field)
      throws MalformedException {
    for (TensorSpec spec : specs) {
      if (spec.name().equals(name)) {
        return spec;
      }
    }
    throw new MalformedException(
        "%s.name: '%s' (expected: one of %s)"
            .formatted(field, name, specs.stream().map(TensorSpec::name).toList()));
  }

  private static TensorValue value(
      ModelInferRequest.InferInputTensor tensor,
      Optional<ByteString> raw,
      TensorSpec spec,
      String field,
      String rawField)
      throws MalformedException {
    String datatype = datatype(spec.type());
    if (!tensor.getDatatype().equals(datatype)) {
      throw new MalformedException(
          "%s.datatype: '%s' (expected: %s)".formatted(field, tensor.getDatatype(), datatype));
    }
    long[] dims = tensor.getShapeList().stream().mapToLong(Long::longValue).toArray();
    long elements = elements(dims, spec, field + ".shape");
    if (raw.isPresent()) {
      if (tensor.hasContents()) {
        throw new MalformedException(field + ".contents: given beside raw_input_contents");
      }
      long expected = elements * ElementTypes.bytes(spec.type());
      if (raw.get().size() != expected) {
        throw new MalformedException(
            "%s: %d bytes (expected: %d)".formatted(rawField, raw.get().size(), expected));
      }
      return TensorValue.little(spec.type(), raw.get().asReadOnlyByteBuffer(), dims);
    }
    return TensorValue.little(
        spec.type(), typed(tensor.getContents(), spec.type(), (int) elements, field), dims);
  }

  private static long elements(long[] dims, TensorSpec spec, String field)
      throws MalformedException {
    boolean fits = dims.length == spec.dims().size();
    long elements = 1;
    for (int axis = 0; fits && axis < dims.length; axis++) {
      long expected = spec.dims().get(axis);
      fits = dims[axis] >= 1 && (expected < 0 || dims[axis] == expected);
      if (fits && dims[axis] > MOST_ELEMENTS / elements) {
        throw new MalformedException("%s: more than %d elements".formatted(field, MOST_ELEMENTS));
      }
      elements *= fits ? dims[axis] : 1;
    }
    if (!fits) {
      throw new MalformedException(
          "%s: %s (expected: %s, -1 for any)"
              .formatted(field, java.util.Arrays.toString(dims), spec.dims()));
    }
    return elements;
  }

  /** The typed contents as little-endian bytes. */
  private static ByteBuffer typed(
      InferTensorContents contents, ElementType type, int elements, String field)
      throws MalformedException {
    String name;
    int count;
    switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> {
        name = "fp32_contents";
        count = contents.getFp32ContentsCount();
      }
      case ELEMENT_TYPE_INT64 -> {
        name = "int64_contents";
        count = contents.getInt64ContentsCount();
      }
      case ELEMENT_TYPE_INT32 -> {
        name = "int_contents";
        count = contents.getIntContentsCount();
      }
      default -> {
        name = "uint_contents";
        count = contents.getUintContentsCount();
      }
    }
    if (count != elements) {
      throw new MalformedException(
          "%s.contents.%s: %d values (expected: %d)".formatted(field, name, count, elements));
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(elements, ElementTypes.bytes(type)))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      switch (type) {
        case ELEMENT_TYPE_FLOAT32 -> bytes.putFloat(contents.getFp32Contents(i));
        case ELEMENT_TYPE_INT64 -> bytes.putLong(contents.getInt64Contents(i));
        case ELEMENT_TYPE_INT32 -> bytes.putInt(contents.getIntContents(i));
        default -> {
          int value = contents.getUintContents(i);
          if (value < 0 || value > 255) {
            throw new MalformedException(
                "%s.contents.%s: value %d is %s (expected: 0..255)"
                    .formatted(field, name, i, Integer.toUnsignedString(value)));
          }
          bytes.put((byte) value);
        }
      }
    }
    return bytes.flip();
  }

  private static InferTensorContents contents(TensorValue value) {
    InferTensorContents.Builder contents = InferTensorContents.newBuilder();
    switch (value.type()) {
      case ELEMENT_TYPE_FLOAT32 -> {
        for (float v : value.toFloats()) {
          contents.addFp32Contents(v);
        }
      }
      case ELEMENT_TYPE_INT64 -> {
        for (long v : value.toLongs()) {
          contents.addInt64Contents(v);
        }
      }
      case ELEMENT_TYPE_INT32 -> {
        for (long v : value.toLongs()) {
          contents.addIntContents((int) v);
        }
      }
      default -> {
        for (long v : value.toLongs()) {
          contents.addUintContents((int) v);
        }
      }
    }
    return contents.build();
  }
}
