package dev.heirloom.inheritance.training;

import dev.heirloom.inheritance.training.Moments.Statistics;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * One factored layer in training. A rung of rank r uses the first r rows of V, the first r columns
 * of each head's U and of the gate's weights; what is normalised is shared by all rungs.
 */
final class FactorLayer {
  private static final double EPSILON = 1e-5;

  /** A gate whose shares deviate by less than this over the samples is a constant. */
  static final double CONSTANT_DEVIATION = 0.01;

  private final int index;
  private final LayerStart start;
  private final FactorPair pair;
  private final int[] rankByRung;

  /** V: [rank, inputs], or [rank, channels, kernel...]. */
  private final Tensor down;

  /** U transposed: [heads, rank, outputs], so that a smaller rank is a leading part. */
  private final Tensor up;

  /** [heads, rank, 1]: ones where a head sees a component; absent where all see all. */
  private final Optional<Tensor> seen;

  /** [heads, rank]. */
  private final Tensor gate;

  /** [heads], per rung. */
  private final List<Tensor> gateBias;

  private final Tensor scale;
  private final Tensor shift;

  FactorLayer(int index, LayerStart start, int[] rankByRung, Weights weights) {
    this.index = index;
    this.start = start;
    this.pair = start.pair();
    this.rankByRung = rankByRung.clone();
    down = weights.matrix(pair.down(), downDims());
    up = weights.matrix(transposedUps(), pair.heads(), pair.rank(), pair.outputs());
    seen =
        start.sharedDown() || !gated()
            ? Optional.empty()
            : Optional.of(weights.constant(seen(pair), pair.heads(), pair.rank(), 1));
    gate =
        gated()
            ? weights.vector(pair.gate(), pair.heads(), pair.rank())
            : weights.constant(new float[0], 0);
    gateBias = new ArrayList<>();
    for (int rung = 0; gated() && rung < rankByRung.length; rung++) {
      gateBias.add(weights.vector(new float[pair.heads()], pair.heads()));
    }
    scale =
        start.norm() == Norm.FULL
            ? weights.vector(start.scale(), pair.outputs())
            : weights.constant(new float[0], 0);
    shift = weights.vector(start.shift(), pair.outputs());
  }

  private static float[] seen(FactorPair pair) {
    float[] mask = new float[pair.heads() * pair.rank()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % pair.rank() % pair.heads() == i / pair.rank() ? 1 : 0;
    }
    return mask;
  }

  /** U transposed as it counts: [heads, rank, outputs] at a rank. */
  private Tensor up(int rank) {
    return seen.map(mask -> torch.mul(up, mask)).orElse(up).narrow(1, 0, rank);
  }

  /** Whether its patch or its gate needs statistics. */
  boolean measures() {
    return start.norm() != Norm.NONE || gated();
  }

  int heads() {
    return pair.heads();
  }

  private boolean gated() {
    return pair.heads() > 1;
  }

  private boolean convolution() {
    return pair.kind() == LayerKind.LAYER_KIND_CONV;
  }

  private long[] downDims() {
    if (!convolution()) {
      return new long[] {pair.rank(), pair.inputs()};
    }
    long taps = pair.kernel().stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    return LongStream.concat(
            LongStream.of(pair.rank(), pair.inputs() / taps),
            pair.kernel().stream().mapToLong(Integer::longValue))
        .toArray();
  }

  private float[] transposedUps() {
    int outputs = pair.outputs();
    int rank = pair.rank();
    float[] all = new float[pair.heads() * rank * outputs];
    for (int head = 0; head < pair.heads(); head++) {
      float[] byOutput = pair.up(head);
      for (int o = 0; o < outputs; o++) {
        for (int r = 0; r < rank; r++) {
          all[(head * rank + r) * outputs + o] = byOutput[o * rank + r];
        }
      }
    }
    return all;
  }

  /** The layer's output at the pass's rung. */
  Tensor apply(Call call) {
    Pass pass = call.pass();
    int rank = rankByRung[pass.rung()];
    boolean biased = start.norm() == Norm.NONE && pass.patches().isEmpty();
    Optional<Tensor> bias = biased ? Optional.of(shift) : Optional.empty();
    Tensor raw = convolution() ? convolved(call, rank, bias) : multiplied(call, rank, bias);
    int channelAxis = convolution() ? 1 : (int) raw.dim() - 1;
    if (pass.patches().isPresent()) {
      return patched(raw, channelAxis, pass.patches().get().get(index));
    }
    if (start.norm() == Norm.NONE) {
      return raw;
    }
    pass.moments().ifPresent(m -> m.add(pair.name(), raw, channelAxis));
    return start.norm() == Norm.FULL ? normalized(raw) : centred(raw, channelAxis);
  }

  private Tensor convolved(Call call, int rank, Optional<Tensor> bias) {
    Precision precision = call.pass().precision();
    long[] kernel = pair.kernel().stream().mapToLong(Integer::longValue).toArray();
    Window window = Window.of(call, call.x(0), kernel);
    Tensor z =
        ConvolutionOperators.convolve(
            call.x(0), down.narrow(0, 0, rank), Optional.empty(), window, 1, precision);
    if (!gated()) {
      long[] dims = new long[kernel.length + 2];
      Arrays.fill(dims, 1);
      dims[0] = pair.outputs();
      dims[1] = rank;
      Tensor weight = up.select(0, 0).narrow(0, 0, rank).t().reshape(dims);
      return ConvolutionOperators.convolve(
          z, weight, bias, Window.point(kernel.length), 1, precision);
    }
    long[] spatial = LongStream.range(2, z.dim()).toArray();
    Tensor pooled = torch.mean(z, spatial, false, new ScalarTypeOptional(ScalarType.Float));
    Tensor shares = shares(pooled, rank, call.pass());
    Tensor heads = precision.of(up(rank)).reshape(pair.heads(), -1);
    Tensor mixed = torch.matmul(precision.of(shares), heads).reshape(-1, rank, pair.outputs());
    Tensor pixels = z.flatten(2, -1).transpose(1, 2);
    long[] dims = Tensors.dims(z);
    dims[1] = pair.outputs();
    Tensor y = torch.matmul(pixels, mixed).transpose(1, 2).reshape(dims);
    return bias.map(b -> torch.add(y, along(precision.of(b), 1, y))).orElse(y);
  }

  private Tensor multiplied(Call call, int rank, Optional<Tensor> bias) {
    Precision precision = call.pass().precision();
    Tensor z = torch.linear(precision.of(call.x(0)), precision.of(down.narrow(0, 0, rank)));
    Tensor heads = precision.of(up(rank));
    Tensor wide = z;
    if (gated()) {
      Tensor shares = shares(Tensors.asFloat(z), rank, call.pass());
      Tensor scaled = torch.mul(precision.of(shares).unsqueeze(-1), z.unsqueeze(-2));
      wide = scaled.flatten(-2, -1);
    }
    return torch.linear(
        wide,
        heads.reshape(-1, pair.outputs()).t(),
        bias.map(b -> new TensorOptional(precision.of(b))).orElseGet(TensorOptional::new));
  }

  /** softmax(G z + b) in float32, its last axis the heads; z ends in the rank. */
  private Tensor shares(Tensor z, int rank, Pass pass) {
    Tensor bias =
        pass.patches()
            .map(p -> p.get(index).gateBias())
            .map(values -> Tensors.beside(Tensors.floats(values, values.length), gate))
            .orElseGet(() -> gateBias.get(pass.rung()));
    Tensor scores = torch.linear(z, gate.narrow(1, 0, rank), new TensorOptional(bias));
    Tensor shares = torch.softmax(scores, -1);
    Tensor rows = shares.reshape(-1, pair.heads());
    pass.gate(rows);
    pass.moments().ifPresent(m -> m.add(gateName(), rows, 1));
    return shares;
  }

  private String gateName() {
    return pair.name() + "/gate";
  }

  /**
   * What the gate says on a rung, where it says the same of all that was measured; empty without a
   * gate or where it varies.
   */
  Optional<double[]> constantShares(Moments moments) {
    if (!gated()) {
      return Optional.empty();
    }
    Statistics shares = moments.of(gateName());
    boolean varies =
        Arrays.stream(shares.variance()).anyMatch(v -> Math.sqrt(v) > CONSTANT_DEVIATION);
    return varies ? Optional.empty() : Optional.of(shares.mean());
  }

  private Tensor patched(Tensor raw, int channelAxis, PatchLayer patch) {
    Tensor y = raw;
    if (patch.scale().length > 0) {
      y = torch.mul(y, along(vector(patch.scale(), raw), channelAxis, raw));
    }
    if (patch.bias().length > 0) {
      y = torch.add(y, along(vector(patch.bias(), raw), channelAxis, raw));
    }
    return y;
  }

  private static Tensor vector(float[] values, Tensor beside) {
    return Tensors.beside(Tensors.floats(values, values.length), beside);
  }

  private Tensor normalized(Tensor raw) {
    Tensor rows = convolution() ? raw : raw.reshape(-1, pair.outputs());
    Tensor result =
        torch.batch_norm(
            rows,
            new TensorOptional(scale),
            new TensorOptional(shift),
            new TensorOptional(),
            new TensorOptional(),
            true,
            0,
            EPSILON,
            false);
    return convolution() ? result : result.reshape(Tensors.dims(raw));
  }

  private Tensor centred(Tensor raw, int channelAxis) {
    Tensor mean =
        torch.mean(
            raw,
            Moments.otherAxes(raw, channelAxis),
            false,
            new ScalarTypeOptional(ScalarType.Float));
    Tensor correction = torch.sub(shift, mean).to(raw.scalar_type());
    return torch.add(raw, along(correction, channelAxis, raw));
  }

  /** A vector over channels in the shape that broadcasts against a value. */
  private static Tensor along(Tensor vector, int channelAxis, Tensor value) {
    long[] dims = new long[(int) value.dim()];
    Arrays.fill(dims, 1);
    dims[channelAxis] = -1;
    return vector.reshape(dims);
  }

  /** The patch of a rung (from 0) from the statistics that were measured on it. */
  PatchLayer patch(int rung, Moments moments) {
    float[] factor = Tensors.toFloats(scale);
    float[] bias = Tensors.toFloats(shift);
    if (start.norm() != Norm.NONE) {
      Statistics statistics = moments.of(pair.name());
      for (int c = 0; c < bias.length; c++) {
        if (start.norm() == Norm.FULL) {
          factor[c] /= (float) Math.sqrt(statistics.variance()[c] + EPSILON);
          bias[c] -= (float) (factor[c] * statistics.mean()[c]);
        } else {
          bias[c] -= (float) statistics.mean()[c];
        }
      }
    }
    float[] gates = gated() ? Tensors.toFloats(gateBias.get(rung)) : new float[0];
    return new PatchLayer(factor, bias, gates);
  }

  /** The factors as trained, at the largest rank. */
  FactorPair trained() {
    int outputs = pair.outputs();
    int rank = pair.rank();
    float[] transposed = Tensors.toFloats(up);
    List<float[]> ups = new ArrayList<>();
    for (int head = 0; head < pair.heads(); head++) {
      float[] byOutput = new float[outputs * rank];
      for (int o = 0; o < outputs; o++) {
        for (int r = 0; r < rank; r++) {
          byOutput[o * rank + r] = transposed[(head * rank + r) * outputs + o];
        }
      }
      ups.add(byOutput);
    }
    return new FactorPair(
        pair.name(),
        pair.kind(),
        outputs,
        pair.inputs(),
        pair.kernel(),
        rank,
        Tensors.toFloats(down),
        ups,
        gated() ? Tensors.toFloats(gate) : new float[0]);
  }
}
