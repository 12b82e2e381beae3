package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
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
          entry("GroupNormalization", one(NormalizationOperators::groupNorm)),
          entry("RMSNormalization", one(NormalizationOperators::rootMeanSquareNorm)),
          entry("SimplifiedLayerNormalization", one(NormalizationOperators::rootMeanSquareNorm)),
          entry("LpNormalization", one(NormalizationOperators::unitNorm)),
          entry("MeanVarianceNormalization", one(NormalizationOperators::standardized)),
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

  /** Scale and shift are per group before operator set 21, and per channel from then on. */
  private static Tensor groupNorm(Call call) {
    Tensor x = call.exact(0);
    long groups = call.i("num_groups", 1);
    long[] perChannel = new long[(int) x.dim()];
    Arrays.fill(perChannel, 1);
    perChannel[1] = x.size(1);
    Tensor normal =
        torch.group_norm(
            x, groups, new TensorOptional(), new TensorOptional(), call.f("epsilon", 1e-5), false);
    Tensor scale = spread(call.x(1), x.size(1)).reshape(perChannel);
    Tensor shift = spread(call.x(2), x.size(1)).reshape(perChannel);
    return torch.add(torch.mul(normal, scale), shift);
  }

  private static Tensor spread(Tensor values, long channels) {
    return values.size(0) == channels
        ? values
        : torch.repeat_interleave(values, channels / values.size(0));
  }

  private static Tensor rootMeanSquareNorm(Call call) {
    Tensor x = call.exact(0);
    int axis = Call.axis(call.i("axis", -1), x.dim());
    long[] axes = LongStream.range(axis, x.dim()).toArray();
    Tensor square = torch.mean(torch.mul(x, x), axes, true, new ScalarTypeOptional());
    Tensor root = torch.rsqrt(torch.add(square, new Scalar(call.f("epsilon", 1e-5))));
    return torch.mul(torch.mul(x, root), call.x(1));
  }

  private static Tensor unitNorm(Call call) {
    Tensor x = call.exact(0);
    long axis = call.i("axis", -1);
    boolean euclidean = call.i("p", 2) == 2;
    Tensor powers = euclidean ? torch.mul(x, x) : torch.abs(x);
    Tensor sum = torch.sum(powers, new long[] {axis}, true, new ScalarTypeOptional());
    return torch.div(x, euclidean ? torch.sqrt(sum) : sum);
  }

  private static Tensor standardized(Call call) {
    Tensor x = call.exact(0);
    long[] axes = call.ints("axes", 0, 2, 3);
    Tensor centred = torch.sub(x, torch.mean(x, axes, true, new ScalarTypeOptional()));
    Tensor variance = torch.mean(torch.mul(centred, centred), axes, true, new ScalarTypeOptional());
    return torch.div(centred, torch.add(torch.sqrt(variance), new Scalar(1e-9)));
  }
}
