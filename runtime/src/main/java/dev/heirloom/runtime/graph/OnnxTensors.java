package dev.heirloom.runtime.graph;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorProto.DataType;
import dev.heirloom.runtime.MalformedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Values of constant tensors, in whichever field of the message they are. */
public final class OnnxTensors {

  /** No tensor has more elements than this. */
  public static final long MAX_ELEMENTS = 1L << 28;

  private OnnxTensors() {}

  /**
   * The product of the dims; 1 for a scalar.
   *
   * @throws IllegalArgumentException if a dim is negative or the product exceeds {@link
   *     #MAX_ELEMENTS}
   */
  public static long elements(TensorProto tensor) {
    long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
    return elements(tensor.getName(), dims);
  }

  /** Like {@link #elements(TensorProto)}, for dims by themselves. */
  public static long elements(String name, long... dims) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "tensor " + name + ": dim " + dim + " (expected: 0 or more)");
      }
      if (dim != 0 && product > MAX_ELEMENTS / dim) {
        throw new IllegalArgumentException(
            "tensor " + name + ": more than " + MAX_ELEMENTS + " elements");
      }
      product *= dim;
    }
    return product;
  }

  /** Bytes of one element of an ONNX data type, 0 for those without a fixed size. */
  public static int elementBytes(int dataType) {
    return switch (dataType) {
      case DataType.UINT8_VALUE, DataType.INT8_VALUE, DataType.BOOL_VALUE -> 1;
      case DataType.UINT16_VALUE,
          DataType.INT16_VALUE,
          DataType.FLOAT16_VALUE,
          DataType.BFLOAT16_VALUE ->
          2;
      case DataType.FLOAT_VALUE, DataType.INT32_VALUE, DataType.UINT32_VALUE -> 4;
      case DataType.INT64_VALUE,
          DataType.UINT64_VALUE,
          DataType.DOUBLE_VALUE,
          DataType.COMPLEX64_VALUE ->
          8;
      case DataType.COMPLEX128_VALUE -> 16;
      default -> 0;
    };
  }

  /**
   * Bytes that elements of an ONNX data type take in {@code raw_data}, those of 8, 4 and 2 bits
   * that newer versions have included; 0 for those without a fixed size.
   */
  static long storedBytes(int dataType, long elements) {
    int whole = elementBytes(dataType);
    if (whole > 0) {
      return elements * whole;
    }
    return switch (dataType) {
      case 17, 18, 19, 20, 24 -> elements;
      case 21, 22, 23 -> (elements + 1) / 2;
      case 25, 26 -> (elements + 3) / 4;
      default -> 0;
    };
  }

  /** Whether the tensor's elements are floating-point numbers. */
  public static boolean isFloatingPoint(TensorProto tensor) {
    return switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE,
          DataType.DOUBLE_VALUE,
          DataType.FLOAT16_VALUE,
          DataType.BFLOAT16_VALUE ->
          true;
      default -> false;
    };
  }

  /**
   * Checks that the tensor holds exactly the values that its dims promise.
   *
   * @throws MalformedException if it does not, naming the tensor
   */
  public static void check(TensorProto tensor, String origin) throws MalformedException {
    long elements;
    try {
      elements = elements(tensor);
    } catch (IllegalArgumentException e) {
      throw new MalformedException(origin + ": " + e.getMessage(), e);
    }
    int dataType = tensor.getDataType();
    if (dataType != DataType.STRING_VALUE && storedBytes(dataType, 1) == 0) {
      throw new MalformedException(
          "%s: tensor %s: data type %d (expected: one that ONNX defines)"
              .formatted(origin, tensor.getName(), dataType));
    }
    if (tensor.hasRawData() && dataType != DataType.STRING_VALUE) {
      long expected = storedBytes(dataType, elements);
      if (tensor.getRawData().size() != expected) {
        throw new MalformedException(
            "%s: tensor %s holds %d bytes (expected: %d for dims %s)"
                .formatted(
                    origin,
                    tensor.getName(),
                    tensor.getRawData().size(),
                    expected,
                    tensor.getDimsList()));
      }
      return;
    }
    long held = typedCount(tensor);
    boolean packed = elementBytes(dataType) == 0 && dataType != DataType.STRING_VALUE;
    if (held != elements && !(packed && held == storedBytes(dataType, elements))) {
      throw new MalformedException(
          "%s: tensor %s holds %d values (expected: %d for dims %s)"
              .formatted(origin, tensor.getName(), held, elements, tensor.getDimsList()));
    }
  }

  /**
   * The values of a floating-point tensor as float32, row-major.
   *
   * @throws IllegalArgumentException if the tensor is not floating-point or not complete
   */
  public static float[] floats(TensorProto tensor) {
    int count = count(tensor);
    float[] values = new float[count];
    boolean raw = tensor.hasRawData();
    ByteBuffer bytes = little(tensor);
    switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE -> {
        if (raw) {
          bytes.asFloatBuffer().get(values);
        } else {
          for (int i = 0; i < count; i++) {
            values[i] = tensor.getFloatData(i);
          }
        }
      }
      case DataType.DOUBLE_VALUE -> {
        for (int i = 0; i < count; i++) {
          values[i] = (float) (raw ? bytes.getDouble() : tensor.getDoubleData(i));
        }
      }
      case DataType.FLOAT16_VALUE -> {
        for (int i = 0; i < count; i++) {
          values[i] = halfToFloat(raw ? bytes.getShort() : (short) tensor.getInt32Data(i));
        }
      }
      case DataType.BFLOAT16_VALUE -> {
        for (int i = 0; i < count; i++) {
          int bits = raw ? bytes.getShort() : tensor.getInt32Data(i);
          values[i] = Float.intBitsToFloat(bits << 16);
        }
      }
      default -> throw wrongType(tensor, "a floating-point type");
    }
    return values;
  }

  /**
   * The values of an integer or boolean tensor, row-major.
   *
   * @throws IllegalArgumentException if the tensor is of another type or not complete
   */
  public static long[] longs(TensorProto tensor) {
    int count = count(tensor);
    long[] values = new long[count];
    boolean raw = tensor.hasRawData();
    ByteBuffer bytes = little(tensor);
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (tensor.getDataType()) {
            case DataType.INT64_VALUE -> raw ? bytes.getLong() : tensor.getInt64Data(i);
            case DataType.UINT64_VALUE -> raw ? bytes.getLong() : tensor.getUint64Data(i);
            case DataType.UINT32_VALUE ->
                raw ? Integer.toUnsignedLong(bytes.getInt()) : tensor.getUint64Data(i);
            case DataType.INT32_VALUE -> raw ? bytes.getInt() : tensor.getInt32Data(i);
            case DataType.INT16_VALUE -> raw ? bytes.getShort() : tensor.getInt32Data(i);
            case DataType.UINT16_VALUE ->
                raw ? Short.toUnsignedLong(bytes.getShort()) : tensor.getInt32Data(i);
            case DataType.INT8_VALUE -> raw ? bytes.get() : tensor.getInt32Data(i);
            case DataType.UINT8_VALUE, DataType.BOOL_VALUE ->
                raw ? Byte.toUnsignedLong(bytes.get()) : tensor.getInt32Data(i);
            default -> throw wrongType(tensor, "an integer type");
          };
    }
    return values;
  }

  /**
   * A float32 tensor with its values in {@code raw_data}.
   *
   * @param values row-major, as many as {@code dims} say
   */
  public static TensorProto ofFloats(String name, long[] dims, float[] values) {
    ByteBuffer bytes = allocate(name, dims, values.length, Float.BYTES);
    bytes.asFloatBuffer().put(values);
    return ofRaw(name, DataType.FLOAT_VALUE, dims, UnsafeByteOperations.unsafeWrap(bytes));
  }

  /**
   * An int64 tensor with its values in {@code raw_data}.
   *
   * @param values row-major, as many as {@code dims} say
   */
  public static TensorProto ofLongs(String name, long[] dims, long[] values) {
    ByteBuffer bytes = allocate(name, dims, values.length, Long.BYTES);
    bytes.asLongBuffer().put(values);
    return ofRaw(name, DataType.INT64_VALUE, dims, UnsafeByteOperations.unsafeWrap(bytes));
  }

  /** A tensor of any fixed-size type from its little-endian, row-major bytes, unchecked. */
  public static TensorProto ofRaw(String name, int dataType, long[] dims, ByteString raw) {
    TensorProto.Builder builder = TensorProto.newBuilder().setName(name).setDataType(dataType);
    for (long dim : dims) {
      builder.addDims(dim);
    }
    return builder.setRawData(raw).build();
  }

  /** The values as little-endian, row-major bytes of the tensor's own data type. */
  public static ByteString raw(TensorProto tensor) {
    if (tensor.hasRawData()) {
      return tensor.getRawData();
    }
    int elementBytes = elementBytes(tensor.getDataType());
    if (elementBytes == 0 || elementBytes > Long.BYTES) {
      throw wrongType(tensor, "a type of fixed size");
    }
    int count = count(tensor);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(count, elementBytes)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (tensor.getDataType()) {
        case DataType.FLOAT_VALUE -> bytes.putFloat(tensor.getFloatData(i));
        case DataType.DOUBLE_VALUE -> bytes.putDouble(tensor.getDoubleData(i));
        case DataType.INT64_VALUE -> bytes.putLong(tensor.getInt64Data(i));
        case DataType.UINT64_VALUE -> bytes.putLong(tensor.getUint64Data(i));
        case DataType.UINT32_VALUE -> bytes.putInt((int) tensor.getUint64Data(i));
        case DataType.INT32_VALUE -> bytes.putInt(tensor.getInt32Data(i));
        default -> {
          if (elementBytes == 1) {
            bytes.put((byte) tensor.getInt32Data(i));
          } else {
            bytes.putShort((short) tensor.getInt32Data(i));
          }
        }
      }
    }
    return UnsafeByteOperations.unsafeWrap(bytes.flip());
  }

  private static ByteBuffer allocate(String name, long[] dims, int held, int elementBytes) {
    long elements = elements(name, dims);
    if (elements != held) {
      throw new IllegalArgumentException(
          "values of " + name + ": " + held + " (expected: " + elements + ")");
    }
    return ByteBuffer.allocate(Math.multiplyExact(held, elementBytes))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int count(TensorProto tensor) {
    try {
      check(tensor, "model");
    } catch (MalformedException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return Math.toIntExact(elements(tensor));
  }

  private static long typedCount(TensorProto tensor) {
    return switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE -> tensor.getFloatDataCount();
      case DataType.DOUBLE_VALUE -> tensor.getDoubleDataCount();
      case DataType.INT64_VALUE -> tensor.getInt64DataCount();
      case DataType.UINT32_VALUE, DataType.UINT64_VALUE -> tensor.getUint64DataCount();
      case DataType.STRING_VALUE -> tensor.getStringDataCount();
      case DataType.COMPLEX64_VALUE -> tensor.getFloatDataCount() / 2;
      case DataType.COMPLEX128_VALUE -> tensor.getDoubleDataCount() / 2;
      default -> tensor.getInt32DataCount();
    };
  }

  private static ByteBuffer little(TensorProto tensor) {
    return tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static IllegalArgumentException wrongType(TensorProto tensor, String expected) {
    return new IllegalArgumentException(
        "tensor %s: data type %d (expected: %s)"
            .formatted(tensor.getName(), tensor.getDataType(), expected));
  }

  /** IEEE 754 binary16 to binary32. */
  private static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | (wide << 23) | (fraction << 13));
  }
}
