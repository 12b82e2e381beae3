package dev.heirloom.runtime.graph;

import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.v1.ElementType;

/** Element types on both sides of the ONNX wire format. */
public final class ElementTypes {

  private ElementTypes() {}

  /**
   * The element type of an ONNX data type number; {@code ELEMENT_TYPE_UNSPECIFIED} for those that
   * Heirloom does not pass in or out of a model.
   */
  public static ElementType ofOnnx(int dataType) {
    return switch (dataType) {
      case TensorProto.DataType.FLOAT_VALUE -> ElementType.ELEMENT_TYPE_FLOAT32;
      case TensorProto.DataType.INT32_VALUE -> ElementType.ELEMENT_TYPE_INT32;
      case TensorProto.DataType.INT64_VALUE -> ElementType.ELEMENT_TYPE_INT64;
      case TensorProto.DataType.UINT8_VALUE -> ElementType.ELEMENT_TYPE_UINT8;
      default -> ElementType.ELEMENT_TYPE_UNSPECIFIED;
    };
  }

  /** The ONNX data type number of {@code type}. */
  public static int toOnnx(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> TensorProto.DataType.FLOAT_VALUE;
      case ELEMENT_TYPE_INT32 -> TensorProto.DataType.INT32_VALUE;
      case ELEMENT_TYPE_INT64 -> TensorProto.DataType.INT64_VALUE;
      case ELEMENT_TYPE_UINT8 -> TensorProto.DataType.UINT8_VALUE;
      default -> throw unknown(type);
    };
  }

  /** Bytes of one element. */
  public static int bytes(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32, ELEMENT_TYPE_INT32 -> 4;
      case ELEMENT_TYPE_INT64 -> 8;
      case ELEMENT_TYPE_UINT8 -> 1;
      default -> throw unknown(type);
    };
  }

  /** The type as a reader of messages knows it: {@code float32}, {@code int64}. */
  public static String title(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> "float32";
      case ELEMENT_TYPE_INT32 -> "int32";
      case ELEMENT_TYPE_INT64 -> "int64";
      case ELEMENT_TYPE_UINT8 -> "uint8";
      default -> "unspecified";
    };
  }

  private static IllegalArgumentException unknown(ElementType type) {
    return new IllegalArgumentException(
        "element type: " + type + " (expected: float32, int32, int64 or uint8)");
  }
}
