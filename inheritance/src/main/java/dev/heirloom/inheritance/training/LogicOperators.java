package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.binary;
import static dev.heirloom.inheritance.training.Operator.one;
import static dev.heirloom.inheritance.training.Operator.unary;
import static java.util.Map.entry;

import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Comparisons, logic, and the choice by a condition. */
final class LogicOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("Equal", binary(torch::eq)),
          entry("Less", binary(torch::lt)),
          entry("LessOrEqual", binary(torch::le)),
          entry("Greater", binary(torch::gt)),
          entry("GreaterOrEqual", binary(torch::ge)),
          entry("And", binary(torch::logical_and)),
          entry("Or", binary(torch::logical_or)),
          entry("Xor", binary(torch::logical_xor)),
          entry("Not", unary(torch::logical_not)),
          entry("IsNaN", unary(torch::isnan)),
          entry("IsInf", one(LogicOperators::isInfinite)),
          entry("Where", one(LogicOperators::where)));

  private LogicOperators() {}

  private static Tensor isInfinite(Call call) {
    Tensor x = call.x(0);
    Tensor infinite = torch.isinf(x);
    if (call.i("detect_positive", 1) == 0) {
      infinite = torch.logical_and(infinite, torch.lt(x, new Scalar(0.0)));
    }
    if (call.i("detect_negative", 1) == 0) {
      infinite = torch.logical_and(infinite, torch.gt(x, new Scalar(0.0)));
    }
    return infinite;
  }

  private static Tensor where(Call call) {
    Tensor a = call.x(1);
    Tensor b = call.x(2);
    Tensor onDevice = a.is_cuda() ? a : b;
    return torch.where(
        Tensors.beside(call.x(0), onDevice),
        Tensors.beside(a, onDevice),
        Tensors.beside(b, onDevice));
  }
}
