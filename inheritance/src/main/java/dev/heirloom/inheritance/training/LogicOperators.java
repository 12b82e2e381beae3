package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.binary;
import static dev.heirloom.inheritance.training.Operator.one;
import static dev.heirloom.inheritance.training.Operator.unary;
import static java.util.Map.entry;

import java.util.Map;
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
          entry("Where", one(LogicOperators::where)));

  private LogicOperators() {}

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
