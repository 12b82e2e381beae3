package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.binary;
import static dev.heirloom.inheritance.training.Operator.one;
import static dev.heirloom.inheritance.training.Operator.precise;
import static dev.heirloom.inheritance.training.Operator.unary;
import static java.util.Map.entry;

import java.util.Map;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element by element: arithmetic and activations. */
final class ArithmeticOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("Add", shifting(torch::add)),
          entry("Sub", shifting(torch::sub)),
          entry("Mul", shifting(torch::mul)),
          entry("Div", shifting(ArithmeticOperators::divide)),
          entry("Pow", one(call -> torch.pow(call.exact(0), Tensors.beside(call.x(1), call.x(0))))),
          entry("Mod", one(ArithmeticOperators::modulo)),
          entry("Max", one(call -> fold(call, torch::maximum))),
          entry("Min", one(call -> fold(call, torch::minimum))),
          entry("Sum", one(call -> fold(call, torch::add))),
          entry(
              "Mean",
              one(call -> Tensors.times(fold(call, torch::add), 1.0 / call.inputs().length))),
          entry("Neg", unary(torch::neg)),
          entry("Abs", unary(torch::abs)),
          entry("Sign", unary(torch::sign)),
          entry("Floor", unary(torch::floor)),
          entry("Ceil", unary(torch::ceil)),
          entry("Round", unary(torch::round)),
          entry("Relu", unary(torch::relu)),
          entry("Tanh", unary(torch::tanh)),
          entry("Sigmoid", unary(torch::sigmoid)),
          entry("Erf", unary(torch::erf)),
          entry("HardSwish", unary(torch::hardswish)),
          entry("Mish", unary(torch::mish)),
          entry("Sqrt", precise(torch::sqrt)),
          entry("Reciprocal", precise(torch::reciprocal)),
          entry("Exp", precise(torch::exp)),
          entry("Log", precise(torch::log)),
          entry("Sin", precise(torch::sin)),
          entry("Cos", precise(torch::cos)),
          entry("Tan", precise(torch::tan)),
          entry("Asin", precise(torch::asin)),
          entry("Acos", precise(torch::acos)),
          entry("Atan", precise(torch::atan)),
          entry("Sinh", precise(torch::sinh)),
          entry("Cosh", precise(torch::cosh)),
          entry("Asinh", precise(torch::asinh)),
          entry("Acosh", precise(torch::acosh)),
          entry("Atanh", precise(torch::atanh)),
          entry("Softplus", precise(torch::softplus)),
          entry("Softsign", unary(x -> torch.div(x, torch.add(torch.abs(x), new Scalar(1.0))))),
          entry("Gelu", one(call -> torch.gelu(call.x(0), call.s("approximate", "none")))),
          entry(
              "LeakyRelu",
              one(call -> torch.leaky_relu(call.x(0), new Scalar(call.f("alpha", 0.01))))),
          entry(
              "Elu",
              one(
                  call ->
                      torch.elu(
                          call.x(0),
                          new Scalar(call.f("alpha", 1)),
                          new Scalar(1.0),
                          new Scalar(1.0)))),
          entry("HardSigmoid", one(ArithmeticOperators::hardSigmoid)),
          entry("Selu", one(ArithmeticOperators::selu)),
          entry("Celu", one(call -> torch.celu(call.x(0), new Scalar(call.f("alpha", 1))))),
          entry(
              "ThresholdedRelu",
              one(
                  call ->
                      torch.threshold(call.x(0), new Scalar(call.f("alpha", 1)), new Scalar(0.0)))),
          entry("Swish", one(ArithmeticOperators::swish)),
          entry("PRelu", one(ArithmeticOperators::slopedRelu)),
          entry("Clip", one(ArithmeticOperators::clip)));

  private ArithmeticOperators() {}

  /** A binary operator in which a trained weight follows the activation's number format. */
  private static Operator shifting(BinaryOperator<Tensor> meaning) {
    Operator plain = binary(meaning);
    return call -> {
      if (call.trained()[0] == call.trained()[1]) {
        return plain.apply(call);
      }
      int weight = call.trained()[0] ? 0 : 1;
      ScalarType format = call.x(1 - weight).scalar_type();
      if (format != ScalarType.BFloat16) {
        return plain.apply(call);
      }
      Tensor follower = call.x(weight).to(format);
      return new Tensor[] {
        weight == 0 ? meaning.apply(follower, call.x(1)) : meaning.apply(call.x(0), follower)
      };
    };
  }

  /** Of integers, the quotient cut toward zero: without the remainder it is a whole number. */
  private static Tensor divide(Tensor a, Tensor b) {
    return a.is_floating_point() || b.is_floating_point()
        ? torch.div(a, b)
        : torch.floor_divide(torch.sub(a, torch.fmod(a, b)), b);
  }

  private static Tensor modulo(Call call) {
    return call.i("fmod", 0) == 1
        ? torch.fmod(call.x(0), call.x(1))
        : torch.remainder(call.x(0), call.x(1));
  }

  private static Tensor fold(Call call, BinaryOperator<Tensor> meaning) {
    Tensor result = call.x(0);
    for (int i = 1; i < call.inputs().length; i++) {
      result = meaning.apply(result, Tensors.beside(call.x(i), result));
    }
    return result;
  }

  private static Tensor hardSigmoid(Call call) {
    Tensor line =
        torch.add(Tensors.times(call.x(0), call.f("alpha", 0.2)), new Scalar(call.f("beta", 0.5)));
    return torch.clamp_max(torch.clamp_min(line, new Scalar(0.0)), new Scalar(1.0));
  }

  private static Tensor selu(Call call) {
    double alpha = call.f("alpha", 1.6732631921768188);
    double gamma = call.f("gamma", 1.0507010221481323);
    return torch.elu(call.x(0), new Scalar(alpha), new Scalar(gamma), new Scalar(1.0));
  }

  private static Tensor swish(Call call) {
    Tensor x = call.x(0);
    return torch.mul(x, torch.sigmoid(Tensors.times(x, call.f("alpha", 1))));
  }

  private static Tensor slopedRelu(Call call) {
    Tensor x = call.x(0);
    Tensor below = torch.clamp_max(x, new Scalar(0.0));
    return torch.add(torch.relu(x), torch.mul(below, call.x(1)));
  }

  private static Tensor clip(Call call) {
    Tensor x = call.x(0);
    var least = call.number(1, "min");
    var most = call.number(2, "max");
    if (least.isPresent()) {
      x = torch.clamp_min(x, scalar(least.get(), x));
    }
    return most.isPresent() ? torch.clamp_max(x, scalar(most.get(), x)) : x;
  }

  /** A number of the tensor's kind, so that integers stay integers. */
  private static Scalar scalar(double value, Tensor like) {
    return like.is_floating_point() ? new Scalar(value) : new Scalar((long) value);
  }
}
