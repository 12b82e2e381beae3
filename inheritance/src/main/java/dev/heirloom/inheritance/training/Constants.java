package dev.heirloom.inheritance.training;

import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorProto.DataType;
import dev.heirloom.runtime.graph.OnnxTensors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Constant tensors of an ONNX graph as libtorch's, on the processor. */
final class Constants {
  private Constants() {}

  /** Every floating-point type becomes float32. */
  static Tensor of(TensorProto proto) {
    long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
    if (OnnxTensors.isFloatingPoint(proto)) {
      return Tensors.floats(OnnxTensors.floats(proto), dims);
    }
    Tensor wide = Tensors.longs(OnnxTensors.longs(proto), dims);
    return switch (proto.getDataType()) {
      case DataType.BOOL_VALUE -> wide.to(ScalarType.Bool);
      case DataType.INT32_VALUE -> wide.to(ScalarType.Int);
      case DataType.INT16_VALUE -> wide.to(ScalarType.Short);
      case DataType.INT8_VALUE -> wide.to(ScalarType.Char);
      case DataType.UINT8_VALUE -> wide.to(ScalarType.Byte);
      default -> wide;
    };
  }
}
