package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Reductions over axes; sums and means are taken in float32. */
final class ReductionOperators {
  /** From a tensor, the axes to reduce, and whether they stay with length one. */
  @FunctionalInterface
  private interface Reduction {
    Tensor apply(Tensor x, long[] axes, boolean keep);
  }

  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("ReduceMean", over(ReductionOperators::mean)),
          entry("ReduceSum", over(ReductionOperators::sum)),
          entry("ReduceMax", over(torch::amax)),
          entry("ReduceMin", over(torch::amin)),
          entry("ReduceSumSquare", over((x, axes, keep) -> sum(torch.mul(x, x), axes, keep))),
          entry("ReduceL1", over((x, axes, keep) -> sum(torch.abs(x), axes, keep))),
          entry("ReduceL2", over((x, axes, keep) -> torch.sqrt(sum(torch.mul(x, x), axes, keep)))),
          entry("ReduceLogSumExp", over(torch::logsumexp)),
          entry("ReduceProd", over(ReductionOperators::product)),
          entry("ReduceLogSum", over((x, axes, keep) -> torch.log(sum(x, axes, keep)))),
          entry("CumSum", one(ReductionOperators::cumulated)),
          entry("GlobalAveragePool", one(call -> mean(call.x(0), spatial(call.x(0)), true))),
          entry("GlobalMaxPool", one(call -> torch.amax(call.x(0), spatial(call.x(0)), true))));

  private ReductionOperators() {}

  private static Operator over(Reduction reduction) {
    return one(
        call -> {
          Tensor x = call.x(0);
          long rank = x.dim();
          long[] axes = call.longs(1, "axes").orElse(new long[0]);
          if (axes.length == 0) {
            if (call.i("noop_with_empty_axes", 0) == 1) {
              return x;
            }
            axes = LongStream.range(0, rank).toArray();
          }
          long[] fromFront = Arrays.stream(axes).map(a -> Call.axis(a, rank)).toArray();
          return reduction.apply(x, fromFront, call.i("keepdims", 1) == 1);
        });
  }

  private static Tensor cumulated(Call call) {
    Tensor x = call.x(0);
    int axis = Call.axis(call.longs(1)[0], x.dim());
    boolean backwards = call.i("reverse", 0) == 1;
    Tensor ordered = backwards ? torch.flip(x, axis) : x;
    Tensor sums = torch.cumsum(ordered, axis);
    if (call.i("exclusive", 0) == 1) {
      sums = torch.sub(sums, ordered);
    }
    return backwards ? torch.flip(sums, axis) : sums;
  }

  private static long[] spatial(Tensor x) {
    return LongStream.range(2, x.dim()).toArray();
  }

  private static Tensor mean(Tensor x, long[] axes, boolean keep) {
    return torch.mean(x, axes, keep, new ScalarTypeOptional(ScalarType.Float));
  }

  private static Tensor sum(Tensor x, long[] axes, boolean keep) {
    ScalarType type = x.is_floating_point() ? ScalarType.Float : ScalarType.Long;
    return torch.sum(x, axes, keep, new ScalarTypeOptional(type));
  }

  private static Tensor product(Tensor x, long[] axes, boolean keep) {
    Tensor result = x;
    for (long axis : axes) {
      result = torch.prod(result, axis, true, new ScalarTypeOptional());
    }
    return keep ? result : torch.squeeze(result, axes);
  }
}
