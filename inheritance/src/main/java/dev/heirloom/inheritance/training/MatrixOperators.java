package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Matrix products. */
final class MatrixOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("MatMul", one(MatrixOperators::matMul)),
          entry("Gemm", one(MatrixOperators::gemm)),
          entry("Einsum", one(MatrixOperators::einsum)));

  private MatrixOperators() {}

  private static Tensor matMul(Call call) {
    if (!call.x(0).is_floating_point()) {
      return torch.matmul(call.x(0), call.x(1));
    }
    Precision precision = call.pass().precision();
    return torch.matmul(precision.of(call.x(0)), precision.of(call.x(1)));
  }

  private static Tensor einsum(Call call) {
    Precision precision = call.pass().precision();
    TensorVector operands = new TensorVector();
    for (int i = 0; i < call.inputs().length; i++) {
      Tensor x = call.x(i);
      operands.push_back(x.is_floating_point() ? precision.of(x) : x);
    }
    return torch.einsum(call.s("equation", ""), operands);
  }

  private static Tensor gemm(Call call) {
    Precision precision = call.pass().precision();
    Tensor a = precision.of(call.x(0));
    Tensor b = precision.of(call.x(1));
    if (call.i("transA", 0) == 1) {
      a = a.t();
    }
    Tensor transposed = call.i("transB", 0) == 1 ? b : b.t();
    double alpha = call.f("alpha", 1);
    double beta = call.f("beta", 1);
    boolean plainBias = call.has(2) && alpha == 1 && beta == 1 && call.x(2).dim() == 1;
    if (plainBias && call.x(2).size(0) == transposed.size(0)) {
      return torch.linear(a, transposed, new TensorOptional(precision.of(call.x(2))));
    }
    Tensor product = Tensors.times(torch.linear(a, transposed), alpha);
    return call.has(2) ? torch.add(product, Tensors.times(precision.of(call.x(2)), beta)) : product;
  }
}
