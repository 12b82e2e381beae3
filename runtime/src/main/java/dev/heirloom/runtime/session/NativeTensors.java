package dev.heirloom.runtime.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.TensorSpec;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Values as the library's tensors, and back. Owns what it takes to make unsigned ones. */
final class NativeTensors implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Map<ElementType, UnsignedTensors> unsigned;

  private NativeTensors(OrtEnvironment environment, Map<ElementType, UnsignedTensors> unsigned) {
    this.environment = environment;
    this.unsigned = unsigned;
  }

  /** For a model of these inputs. */
  static NativeTensors open(OrtEnvironment environment, List<TensorSpec> inputs)
      throws OrtException {
    NativeTensors tensors = new NativeTensors(environment, new HashMap<>());
    try {
      for (TensorSpec input : inputs) {
        if (UnsignedTensors.makes(input.type()) && !tensors.unsigned.containsKey(input.type())) {
          tensors.unsigned.put(input.type(), UnsignedTensors.open(environment, input.type()));
        }
      }
      return tensors;
    } catch (OrtException e) {
      tensors.close();
      throw e;
    }
  }

  /** The inputs of one run. */
  Batch batch() {
    return new Batch();
  }

  /** Tensors that go into one run, by input; closed after it. */
  final class Batch implements AutoCloseable {
    private final Map<String, OnnxTensor> tensors = new HashMap<>();
    private final List<OrtSession.Result> cast = new ArrayList<>();
    private final List<OnnxTensor> made = new ArrayList<>();

    void add(String input, TensorValue value) throws OrtException {
      UnsignedTensors caster = unsigned.get(value.type());
      if (caster == null) {
        OnnxTensor tensor = create(environment, value.type(), value);
        made.add(tensor);
        tensors.put(input, tensor);
        return;
      }
      try (OnnxTensor same = create(environment, caster.source(), value)) {
        OrtSession.Result result = caster.cast(same);
        cast.add(result);
        tensors.put(input, (OnnxTensor) result.get(0));
      }
    }

    Map<String, OnnxTensor> tensors() {
      return tensors;
    }

    @Override
    public void close() {
      made.forEach(OnnxTensor::close);
      cast.forEach(OrtSession.Result::close);
    }
  }

  private static OnnxTensor create(OrtEnvironment environment, ElementType as, TensorValue value)
      throws OrtException {
    long[] dims = value.dims();
    Buffer buffer = value.buffer();
    return switch (as) {
      case ELEMENT_TYPE_FLOAT32 -> OnnxTensor.createTensor(environment, (FloatBuffer) buffer, dims);
      case ELEMENT_TYPE_FLOAT64 ->
          OnnxTensor.createTensor(environment, (DoubleBuffer) buffer, dims);
      case ELEMENT_TYPE_INT64 -> OnnxTensor.createTensor(environment, (LongBuffer) buffer, dims);
      case ELEMENT_TYPE_INT32 -> OnnxTensor.createTensor(environment, (IntBuffer) buffer, dims);
      case ELEMENT_TYPE_INT16 ->
          OnnxTensor.createTensor(environment, (ShortBuffer) buffer, dims, OnnxJavaType.INT16);
      case ELEMENT_TYPE_FLOAT16 ->
          OnnxTensor.createTensor(environment, (ShortBuffer) buffer, dims, OnnxJavaType.FLOAT16);
      case ELEMENT_TYPE_UINT8 ->
          OnnxTensor.createTensor(environment, (ByteBuffer) buffer, dims, OnnxJavaType.UINT8);
      case ELEMENT_TYPE_INT8 ->
          OnnxTensor.createTensor(environment, (ByteBuffer) buffer, dims, OnnxJavaType.INT8);
      case ELEMENT_TYPE_BOOL ->
          OnnxTensor.createTensor(environment, (ByteBuffer) buffer, dims, OnnxJavaType.BOOL);
      case ELEMENT_TYPE_STRING ->
          OnnxTensor.createTensor(environment, value.texts().toArray(new String[0]), dims);
      default -> throw new IllegalArgumentException("element type: " + as);
    };
  }

  /** The type of the library's tensor; unspecified where values of it are not passed. */
  static ElementType type(TensorInfo info) {
    return switch (info.onnxType) {
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> ElementType.ELEMENT_TYPE_FLOAT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> ElementType.ELEMENT_TYPE_FLOAT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> ElementType.ELEMENT_TYPE_FLOAT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> ElementType.ELEMENT_TYPE_INT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> ElementType.ELEMENT_TYPE_INT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> ElementType.ELEMENT_TYPE_INT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> ElementType.ELEMENT_TYPE_INT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> ElementType.ELEMENT_TYPE_UINT8;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> ElementType.ELEMENT_TYPE_UINT16;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> ElementType.ELEMENT_TYPE_UINT32;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> ElementType.ELEMENT_TYPE_UINT64;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> ElementType.ELEMENT_TYPE_BOOL;
      case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> ElementType.ELEMENT_TYPE_STRING;
      default -> ElementType.ELEMENT_TYPE_UNSPECIFIED;
    };
  }

  /** Copies once, out of the library's memory. */
  static TensorValue value(String name, OnnxValue output) throws OrtException, SessionException {
    if (!(output instanceof OnnxTensor tensor)) {
      throw new SessionException("output " + name + ": not a tensor");
    }
    TensorInfo info = tensor.getInfo();
    ElementType type = type(info);
    long[] dims = info.getShape();
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> TensorValue.of(type, tensor.getFloatBuffer(), dims);
      case ELEMENT_TYPE_FLOAT64 -> TensorValue.of(type, tensor.getDoubleBuffer(), dims);
      case ELEMENT_TYPE_INT64, ELEMENT_TYPE_UINT64 ->
          TensorValue.of(type, tensor.getLongBuffer(), dims);
      case ELEMENT_TYPE_INT32, ELEMENT_TYPE_UINT32 ->
          TensorValue.of(type, tensor.getIntBuffer(), dims);
      case ELEMENT_TYPE_INT16, ELEMENT_TYPE_UINT16, ELEMENT_TYPE_FLOAT16 ->
          TensorValue.of(type, tensor.getShortBuffer(), dims);
      case ELEMENT_TYPE_UINT8, ELEMENT_TYPE_INT8, ELEMENT_TYPE_BOOL ->
          TensorValue.of(type, tensor.getByteBuffer(), dims);
      case ELEMENT_TYPE_STRING -> {
        List<String> texts = new ArrayList<>();
        flatten(tensor.getValue(), texts);
        yield TensorValue.given(texts, dims);
      }
      default ->
          throw new SessionException(
              "output " + name + ": " + info.onnxType + " values are not supported");
    };
  }

  /** The library gives text as arrays in arrays, one level for each axis. */
  private static void flatten(Object value, List<String> into) {
    if (value instanceof Object[] array) {
      for (Object element : array) {
        flatten(element, into);
      }
    } else {
      into.add((String) value);
    }
  }

  @Override
  public void close() {
    unsigned.values().forEach(UnsignedTensors::close);
    unsigned.clear();
  }
}
