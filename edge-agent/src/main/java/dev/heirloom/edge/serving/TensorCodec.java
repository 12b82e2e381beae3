package dev.heirloom.edge.serving;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
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
   * @param raw whether as raw bytes, as the request's inputs were; all are raw where one of them
   *     has a type that the protocol knows raw only
   */
  static void write(
      Map<String, TensorValue> outputs, boolean raw, ModelInferResponse.Builder response) {
    boolean asRaw = raw || !outputs.values().stream().allMatch(TensorContents::typable);
    outputs.forEach(
        (name, value) -> {
          ModelInferResponse.InferOutputTensor.Builder tensor =
              ModelInferResponse.InferOutputTensor.newBuilder()
                  .setName(name)
                  .setDatatype(datatype(value.type()));
          for (long dim : value.dims()) {
            tensor.addShape(dim);
          }
          if (asRaw) {
            response.addRawOutputContents(TensorContents.raw(value));
          } else {
            tensor.setContents(TensorContents.typed(value));
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
      case ELEMENT_TYPE_BOOL -> "BOOL";
      case ELEMENT_TYPE_UINT16 -> "UINT16";
      case ELEMENT_TYPE_UINT32 -> "UINT32";
      case ELEMENT_TYPE_UINT64 -> "UINT64";
      case ELEMENT_TYPE_INT8 -> "INT8";
      case ELEMENT_TYPE_INT16 -> "INT16";
      case ELEMENT_TYPE_FLOAT16 -> "FP16";
      case ELEMENT_TYPE_FLOAT64 -> "FP64";
      case ELEMENT_TYPE_STRING -> "BYTES";
      case ELEMENT_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("element type: " + type);
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
    int elements = elements(dims, spec, field + ".shape");
    if (raw.isEmpty()) {
      return TensorContents.typed(
          spec.type(), tensor.getContents(), dims, elements, field + ".contents");
    }
    if (tensor.getContents().getSerializedSize() > 0) {
      throw new MalformedException(field + ".contents: given beside raw_input_contents");
    }
    return TensorContents.raw(spec.type(), raw.get(), dims, elements, rawField);
  }

  private static int elements(long[] dims, TensorSpec spec, String field)
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
          "%s: %s (expected: %s, -1 for any)".formatted(field, Arrays.toString(dims), spec.dims()));
    }
    return Math.toIntExact(elements);
  }
}
