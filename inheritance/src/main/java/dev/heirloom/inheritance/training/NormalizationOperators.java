package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Normalisations and softmax, in float32. */
final class NormalizationOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("Softmax", one(call -> softmax(call, false))),
          entry("LogSoftmax", one(call -> softmax(call, true))),
          entry("LayerNormalization", one(NormalizationOperators::layerNorm)),
          entry("BatchNormalization", one(NormalizationOperators::batchNorm)),
          entry("InstanceNormalization", one(NormalizationOperators::instanceNorm)),
          entry("Dropout", one(call -> call.x(0))));

  private NormalizationOperators() {}

  private static Tensor softmax(Call call, boolean log) {
    Tensor x = call.x(0);
    if (call.opset() >= 13) {
      return softmax(x, call.i("axis", -1), log);
    }
    int axis = Call.axis(call.i("axis", 1), x.dim());
    long[] dims = Tensors.dims(x);
    long rows = Arrays.stream(dims, 0, axis).reduce(1, Math::multiplyExact);
    return softmax(x.reshape(rows, -1), 1, log).reshape(dims);
  }

  private static Tensor softmax(Tensor x, long axis, boolean log) {
    ScalarTypeOptional precise = new ScalarTypeOptional(ScalarType.Float);
    return log ? torch.log_softmax(x, axis, precise) : torch.softmax(x, axis, precise);
  }

  private static Tensor layerNorm(Call call) {
    Tensor x = call.exact(0);
    int axis = Call.axis(call.i("axis", -1), x.dim());
    long[] shape = Arrays.copyOfRange(Tensors.dims(x), axis, (int) x.dim());
    return torch.layer_norm(
        x, shape, optional(call, 1), optional(call, 2), call.f("epsilon", 1e-5), false);
  }

  private static TensorOptional optional(Call call, int input) {
    return call.optional(input).map(TensorOptional::new).orElseGet(TensorOptional::new);
  }

  /** By the batch's statistics where they are the pass's own to learn, else by the stored ones. */
  private static Tensor batchNorm(Call call) {
    Tensor x = call.x(0);
    double epsilon = call.f("epsilon", 1e-5);
    boolean ofBatch = call.pass().batchStatistics();
    if (ofBatch) {
      call.pass().moments().ifPresent(m -> m.add(call.node().getOutput(0), x, 1));
    }
    return torch.batch_norm(
        x,
        optional(call, 1),
        optional(call, 2),
        ofBatch ? new TensorOptional() : optional(call, 3),
        ofBatch ? new TensorOptional() : optional(call, 4),
        ofBatch,
        0,
        epsilon,
        false);
  }

  private static Tensor instanceNorm(Call call) {
    return torch.instance_norm(
        call.exact(0),
        optional(call, 1),
        optional(call, 2),
        new TensorOptional(),
        new TensorOptional(),
        true,
        0,
        call.f("epsilon", 1e-5),
        false);
  }
}
