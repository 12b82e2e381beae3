package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.Attributes;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Constants, shapes and types; shapes live on the processor whatever the device. */
final class ShapeOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("Shape", one(ShapeOperators::shape)),
          entry("Size", one(call -> Tensors.longs(new long[] {call.x(0).numel()}))),
          entry("Constant", one(ShapeOperators::constant)),
          entry("ConstantOfShape", one(ShapeOperators::constantOfShape)),
          entry("Range", one(ShapeOperators::range)),
          entry("Cast", one(call -> cast(call.x(0), (int) call.i("to", 1)))),
          entry("CastLike", one(call -> call.x(0).to(call.x(1).scalar_type()))));

  private ShapeOperators() {}

  private static Tensor shape(Call call) {
    long[] dims = Tensors.dims(call.x(0));
    long rank = dims.length;
    int start = clamp(call.i("start", 0), rank);
    int end = clamp(call.i("end", rank), rank);
    long[] part = Arrays.copyOfRange(dims, start, Math.max(start, end));
    return Tensors.longs(part, part.length);
  }

  private static int clamp(long axis, long rank) {
    return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
  }

  private static Tensor constant(Call call) {
    if (call.given("value")) {
      return Constants.of(Attributes.tensor(call.node(), "value").orElseThrow());
    }
    if (call.given("value_float")) {
      return Tensors.floats(new float[] {(float) call.f("value_float", 0)});
    }
    if (call.given("value_int")) {
      return Tensors.longs(new long[] {call.i("value_int", 0)});
    }
    if (call.given("value_floats")) {
      float[] values = call.floats("value_floats");
      return Tensors.floats(values, values.length);
    }
    if (call.given("value_ints")) {
      long[] values = call.ints("value_ints");
      return Tensors.longs(values, values.length);
    }
    throw new IllegalArgumentException("a constant of this kind is not supported");
  }

  private static Tensor constantOfShape(Call call) {
    long[] dims = call.longs(0);
    return Attributes.tensor(call.node(), "value")
        .map(value -> Constants.of(value).reshape(new long[0]).expand(dims).contiguous())
        .orElseGet(() -> torch.zeros(dims, new TensorOptions(ScalarType.Float)));
  }

  private static Tensor range(Call call) {
    if (call.x(0).is_floating_point()) {
      return torch.arange(
          new Scalar(call.x(0).item_double()),
          new Scalar(call.x(1).item_double()),
          new Scalar(call.x(2).item_double()),
          new TensorOptions(call.x(0).scalar_type()));
    }
    return torch.arange(
        new Scalar(call.x(0).item_long()),
        new Scalar(call.x(1).item_long()),
        new Scalar(call.x(2).item_long()),
        new TensorOptions(call.x(0).scalar_type()));
  }

  /**
   * Every floating-point type is float32 here, as it is for constants; bfloat16 activations count
   * as such, so that the cast leaves them what they are.
   */
  private static Tensor cast(Tensor x, int to) {
    ScalarType type =
        switch (to) {
          case TensorProto.DataType.FLOAT_VALUE,
              TensorProto.DataType.DOUBLE_VALUE,
              TensorProto.DataType.FLOAT16_VALUE,
              TensorProto.DataType.BFLOAT16_VALUE ->
              ScalarType.Float;
          case TensorProto.DataType.INT64_VALUE -> ScalarType.Long;
          case TensorProto.DataType.INT32_VALUE -> ScalarType.Int;
          case TensorProto.DataType.INT16_VALUE -> ScalarType.Short;
          case TensorProto.DataType.INT8_VALUE -> ScalarType.Char;
          case TensorProto.DataType.UINT8_VALUE -> ScalarType.Byte;
          case TensorProto.DataType.BOOL_VALUE -> ScalarType.Bool;
          default -> throw new IllegalArgumentException("a cast to type " + to);
        };
    if (type == ScalarType.Float && x.scalar_type() == ScalarType.BFloat16) {
      return x;
    }
    return x.to(type);
  }
}
