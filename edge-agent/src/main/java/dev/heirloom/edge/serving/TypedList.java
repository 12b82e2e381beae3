package dev.heirloom.edge.serving;

import dev.heirloom.proto.inference.InferTensorContents;
import dev.heirloom.proto.v1.ElementType;
import java.util.function.ToIntFunction;

/** The lists in which the Open Inference Protocol holds typed contents. */
enum TypedList {
  BOOL("bool_contents", InferTensorContents::getBoolContentsCount),
  INT("int_contents", InferTensorContents::getIntContentsCount),
  INT64("int64_contents", InferTensorContents::getInt64ContentsCount),
  UINT("uint_contents", InferTensorContents::getUintContentsCount),
  UINT64("uint64_contents", InferTensorContents::getUint64ContentsCount),
  FP32("fp32_contents", InferTensorContents::getFp32ContentsCount),
  FP64("fp64_contents", InferTensorContents::getFp64ContentsCount),
  BYTES("bytes_contents", InferTensorContents::getBytesContentsCount),
  /** Of float16, which is raw only. */
  NONE("", contents -> 0);

  private final String field;
  private final ToIntFunction<InferTensorContents> count;

  TypedList(String field, ToIntFunction<InferTensorContents> count) {
    this.field = field;
    this.count = count;
  }

  /** The list that holds elements of a type. */
  static TypedList of(ElementType type) {
    return switch (type) {
      case ELEMENT_TYPE_BOOL -> BOOL;
      case ELEMENT_TYPE_INT8, ELEMENT_TYPE_INT16, ELEMENT_TYPE_INT32 -> INT;
      case ELEMENT_TYPE_INT64 -> INT64;
      case ELEMENT_TYPE_UINT8, ELEMENT_TYPE_UINT16, ELEMENT_TYPE_UINT32 -> UINT;
      case ELEMENT_TYPE_UINT64 -> UINT64;
      case ELEMENT_TYPE_FLOAT32 -> FP32;
      case ELEMENT_TYPE_FLOAT64 -> FP64;
      case ELEMENT_TYPE_STRING -> BYTES;
      case ELEMENT_TYPE_FLOAT16, ELEMENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> NONE;
    };
  }

  /** Its name in the protocol. */
  String field() {
    return field;
  }

  /** How many values it holds. */
  int count(InferTensorContents contents) {
    return count.applyAsInt(contents);
  }
}
