package dev.heirloom.inheritance.training;

import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** The meaning of one ONNX operator: from a call to one tensor per output. */
@FunctionalInterface
interface Operator {
  Tensor[] apply(Call call);

  /** An operator with one output. */
  static Operator one(Function<Call, Tensor> meaning) {
    return call -> new Tensor[] {meaning.apply(call)};
  }

  /** An operator on one input that works in the input's own number format. */
  static Operator unary(UnaryOperator<Tensor> meaning) {
    return one(call -> meaning.apply(call.x(0)));
  }

  /** An operator on one input that needs float32, as what it computes outgrows bfloat16. */
  static Operator precise(UnaryOperator<Tensor> meaning) {
    return one(call -> meaning.apply(call.exact(0)));
  }

  /** An operator on two inputs that broadcast against each other. */
  static Operator binary(BinaryOperator<Tensor> meaning) {
    return one(
        call -> {
          Tensor a = call.x(0);
          Tensor b = call.x(1);
          if (a.is_cuda() != b.is_cuda()) {
            return a.is_cuda()
                ? meaning.apply(a, Tensors.beside(b, a))
                : meaning.apply(Tensors.beside(a, b), b);
          }
          return meaning.apply(a, b);
        });
  }
}
