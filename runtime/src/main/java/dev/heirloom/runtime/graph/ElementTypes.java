package dev.heirloom.runtime.graph;

import dev.heirloom.proto.onnx.TensorProto.DataType;
import dev.heirloom.proto.v1.ElementType;

/** Element types on both sides of the ONNX wire format. */
public final class ElementTypes {

  /** The types that samples can be for, as a reader of messages knows them. */
  public static final String SAMPLED = "float32, int32, int64 or uint8";

  private ElementTypes() {}

  /**
   * The element type of an ONNX data type number; {@code ELEMENT_TYPE_UNSPECIFIED} for those that
   * Heirloom does not pass in or out of a model.
   */
  public static ElementType ofOnnx(int dataType) {
    return switch (dataType) {
      case DataType.FLOAT_VALUE -> ElementType.ELEMENT_TYPE_FLOAT32;
      case DataType.INT32_VALUE -> ElementType.ELEMENT_TYPE_INT32;
      case DataType.INT64_VALUE -> ElementType.ELEMENT_TYPE_INT64;
      case DataType.UINT8_VALUE -> ElementType.ELEMENT_TYPE_UINT8;
      case DataType.BOOL_VALUE -> ElementType.ELEMENT_TYPE_BOOL;
      case DataType.UINT16_VALUE -> ElementType.ELEMENT_TYPE_UINT16;
      case DataType.UINT32_VALUE -> ElementType.ELEMENT_TYPE_UINT32;
      case DataType.UINT64_VALUE -> ElementType.ELEMENT_TYPE_UINT64;
      case DataType.INT8_VALUE -> ElementType.ELEMENT_TYPE_INT8;
      case DataType.INT16_VALUE -> ElementType.ELEMENT_TYPE_INT16;
      case DataType.FLOAT16_VALUE -> ElementType.ELEMENT_TYPE_FLOAT16;
      case DataType.DOUBLE_VALUE -> ElementType.ELEMENT_TYPE_FLOAT64;
      case DataType.STRING_VALUE -> ElementType.ELEMENT_TYPE_STRING;
      default -> ElementType.ELEMENT_TYPE_UNSPECIFIED;
    };
  }

  /** The ONNX data type number of {@code type}. */
  public static int toOnnx(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> DataType.FLOAT_VALUE;
      case ELEMENT_TYPE_INT32 -> DataType.INT32_VALUE;
      case ELEMENT_TYPE_INT64 -> DataType.INT64_VALUE;
      case ELEMENT_TYPE_UINT8 -> DataType.UINT8_VALUE;
      case ELEMENT_TYPE_BOOL -> DataType.BOOL_VALUE;
      case ELEMENT_TYPE_UINT16 -> DataType.UINT16_VALUE;
      case ELEMENT_TYPE_UINT32 -> DataType.UINT32_VALUE;
      case ELEMENT_TYPE_UINT64 -> DataType.UINT64_VALUE;
      case ELEMENT_TYPE_INT8 -> DataType.INT8_VALUE;
      case ELEMENT_TYPE_INT16 -> DataType.INT16_VALUE;
      case ELEMENT_TYPE_FLOAT16 -> DataType.FLOAT16_VALUE;
      case ELEMENT_TYPE_FLOAT64 -> DataType.DOUBLE_VALUE;
      case ELEMENT_TYPE_STRING -> DataType.STRING_VALUE;
      case ELEMENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw unknown(type);
    };
  }

  /**
   * Bytes of one element.
   *
   * @throws IllegalArgumentException for text, whose elements have no common size
   */
  public static int bytes(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_UINT8, ELEMENT_TYPE_INT8, ELEMENT_TYPE_BOOL -> 1;
      case ELEMENT_TYPE_UINT16, ELEMENT_TYPE_INT16, ELEMENT_TYPE_FLOAT16 -> 2;
      case ELEMENT_TYPE_FLOAT32, ELEMENT_TYPE_INT32, ELEMENT_TYPE_UINT32 -> 4;
      case ELEMENT_TYPE_INT64, ELEMENT_TYPE_UINT64, ELEMENT_TYPE_FLOAT64 -> 8;
      case ELEMENT_TYPE_STRING, ELEMENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw unknown(type);
    };
  }

  /** Whether samples can hold values of the type, so that families are made of models with it. */
  public static boolean sampled(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32, ELEMENT_TYPE_INT32, ELEMENT_TYPE_INT64, ELEMENT_TYPE_UINT8 -> true;
      default -> false;
    };
  }

  /** The type as a reader of messages knows it: {@code float32}, {@code int64}. */
  public static String title(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_FLOAT32 -> "float32";
      case ELEMENT_TYPE_INT32 -> "int32";
      case ELEMENT_TYPE_INT64 -> "int64";
      case ELEMENT_TYPE_UINT8 -> "uint8";
      case ELEMENT_TYPE_BOOL -> "bool";
      case ELEMENT_TYPE_UINT16 -> "uint16";
      case ELEMENT_TYPE_UINT32 -> "uint32";
      case ELEMENT_TYPE_UINT64 -> "uint64";
      case ELEMENT_TYPE_INT8 -> "int8";
      case ELEMENT_TYPE_INT16 -> "int16";
      case ELEMENT_TYPE_FLOAT16 -> "float16";
      case ELEMENT_TYPE_FLOAT64 -> "float64";
      case ELEMENT_TYPE_STRING -> "string";
      case ELEMENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> "unspecified";
    };
  }

  private static IllegalArgumentException unknown(ElementType type) {
    return new IllegalArgumentException(
        "element type: " + type + " (expected: one whose elements have a size)");
  }
}
