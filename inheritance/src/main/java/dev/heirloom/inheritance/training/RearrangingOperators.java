package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** What moves, picks, joins and repeats values without computing any. */
final class RearrangingOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("Identity", one(call -> call.x(0))),
          entry("Reshape", one(RearrangingOperators::reshape)),
          entry("Flatten", one(RearrangingOperators::flatten)),
          entry("Transpose", one(RearrangingOperators::transpose)),
          entry("Squeeze", one(RearrangingOperators::squeeze)),
          entry("Unsqueeze", one(RearrangingOperators::unsqueeze)),
          entry("Concat", one(RearrangingOperators::concat)),
          entry("Split", RearrangingOperators::split),
          entry("Slice", one(RearrangingOperators::slice)),
          entry("Expand", one(RearrangingOperators::expand)),
          entry("Tile", one(call -> torch.tile(call.x(0), call.longs(1)))),
          entry("Pad", one(RearrangingOperators::pad)),
          entry("Trilu", one(RearrangingOperators::triangle)),
          entry("DepthToSpace", one(RearrangingOperators::depthToSpace)),
          entry("SpaceToDepth", one(RearrangingOperators::spaceToDepth)));

  private RearrangingOperators() {}

  private static Tensor reshape(Call call) {
    Tensor x = call.x(0);
    long[] dims = call.longs(1);
    boolean zeroIsZero = call.i("allowzero", 0) == 1;
    for (int i = 0; i < dims.length && !zeroIsZero; i++) {
      dims[i] = dims[i] == 0 ? x.size(i) : dims[i];
    }
    return x.reshape(dims);
  }

  private static Tensor flatten(Call call) {
    Tensor x = call.x(0);
    long axis = call.i("axis", 1);
    long split = axis < 0 ? axis + x.dim() : axis;
    long rows = Arrays.stream(Tensors.dims(x)).limit(split).reduce(1, Math::multiplyExact);
    return x.reshape(rows, rows == 0 ? 0 : x.numel() / rows);
  }

  private static Tensor transpose(Call call) {
    Tensor x = call.x(0);
    long rank = x.dim();
    return x.permute(call.ints("perm", LongStream.range(0, rank).map(i -> rank - 1 - i).toArray()));
  }

  private static Tensor squeeze(Call call) {
    Tensor x = call.x(0);
    return call.longs(1, "axes").map(axes -> torch.squeeze(x, axes)).orElseGet(x::squeeze);
  }

  private static Tensor unsqueeze(Call call) {
    Tensor x = call.x(0);
    long[] axes = call.longs(1, "axes").orElseThrow();
    long rank = x.dim() + axes.length;
    long[] fromFront = Arrays.stream(axes).map(a -> Call.axis(a, rank)).sorted().toArray();
    for (long axis : fromFront) {
      x = torch.unsqueeze(x, axis);
    }
    return x;
  }

  private static Tensor concat(Call call) {
    Tensor onDevice = call.x(0);
    for (int i = 1; i < call.inputs().length; i++) {
      onDevice = call.x(i).is_cuda() ? call.x(i) : onDevice;
    }
    TensorVector parts = new TensorVector();
    for (int i = 0; i < call.inputs().length; i++) {
      parts.push_back(Tensors.beside(call.x(i), onDevice));
    }
    return torch.cat(parts, call.i("axis", 0));
  }

  private static Tensor[] split(Call call) {
    Tensor x = call.x(0);
    int axis = Call.axis(call.i("axis", 0), x.dim());
    int outputs = call.node().getOutputCount();
    long[] sizes = call.longs(1, "split").orElseGet(() -> evenly(x.size(axis), outputs));
    TensorVector parts = torch.split_with_sizes(x, sizes, axis);
    Tensor[] results = new Tensor[outputs];
    for (int i = 0; i < outputs; i++) {
      results[i] = parts.get(i).alias();
    }
    return results;
  }

  /** Parts of equal length, the last one shorter where it does not divide. */
  private static long[] evenly(long length, int parts) {
    long size = (length + parts - 1) / parts;
    return LongStream.range(0, parts)
        .map(i -> Math.max(0, Math.min(size, length - i * size)))
        .toArray();
  }

  private static Tensor slice(Call call) {
    Tensor x = call.x(0);
    long rank = x.dim();
    long[] starts = call.longs(1, "starts").orElseThrow();
    long[] ends = call.longs(2, "ends").orElseThrow();
    long[] axes =
        call.longs(3, "axes").orElseGet(() -> LongStream.range(0, starts.length).toArray());
    for (int i = 0; i < starts.length; i++) {
      int axis = Call.axis(axes[i], rank);
      long step = call.has(4) ? call.longs(4)[i] : 1;
      x =
          step > 0
              ? torch.slice(x, axis, new LongOptional(starts[i]), new LongOptional(ends[i]), step)
              : backwards(x, axis, starts[i], ends[i], step);
    }
    return x;
  }

  private static Tensor backwards(Tensor x, int axis, long start, long end, long step) {
    long length = x.size(axis);
    long first = Math.min(start < 0 ? start + length : start, length - 1);
    long last = Math.max(end < 0 ? end + length : end, -1);
    long count = first > last ? (first - last - step - 1) / -step : 0;
    long[] indices = LongStream.range(0, count).map(i -> first + i * step).toArray();
    return torch.index_select(x, axis, Tensors.beside(Tensors.longs(indices, count), x));
  }

  /** Broadcasts both ways: an axis of length one in the wanted shape keeps the input's. */
  private static Tensor expand(Call call) {
    Tensor x = call.x(0);
    long[] wanted = call.longs(1);
    int rank = (int) Math.max(wanted.length, x.dim());
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      int have = i - (rank - (int) x.dim());
      int want = i - (rank - wanted.length);
      long own = have < 0 ? 1 : x.size(have);
      dims[i] = want < 0 || wanted[want] == 1 ? own : wanted[want];
    }
    return x.expand(dims);
  }

  private static Tensor pad(Call call) {
    Tensor x = call.x(0);
    long[] pads = call.longs(1, "pads").orElseThrow();
    long rank = x.dim();
    long[] axes = call.has(3) ? call.longs(3) : LongStream.range(0, rank).toArray();
    int spatial = (int) rank;
    long[] lastAxisFirst = new long[2 * spatial];
    for (int i = 0; i < axes.length; i++) {
      int slot = 2 * (spatial - 1 - Call.axis(axes[i], rank));
      lastAxisFirst[slot] = pads[i];
      lastAxisFirst[slot + 1] = pads[i + axes.length];
    }
    String mode = call.s("mode", "constant");
    if (mode.equals("constant")) {
      double value = call.number(2, "value").orElse(0.0);
      return torch.constant_pad_nd(x, lastAxisFirst, new Scalar(value));
    }
    int axesPadded = 2 * spatial;
    while (axesPadded > 0
        && lastAxisFirst[axesPadded - 1] == 0
        && lastAxisFirst[axesPadded - 2] == 0) {
      axesPadded -= 2;
    }
    return torch.pad(
        x,
        Arrays.copyOf(lastAxisFirst, axesPadded),
        switch (mode) {
          case "edge" -> "replicate";
          case "wrap" -> "circular";
          default -> mode;
        },
        new DoubleOptional());
  }

  private static Tensor triangle(Call call) {
    long diagonal = call.has(1) ? call.longs(1)[0] : 0;
    return call.i("upper", 1) == 1
        ? torch.triu(call.x(0), diagonal)
        : torch.tril(call.x(0), diagonal);
  }

  private static Tensor depthToSpace(Call call) {
    Tensor x = call.x(0);
    long block = call.i("blocksize", 1);
    if (call.s("mode", "DCR").equals("CRD")) {
      return torch.pixel_shuffle(x, block);
    }
    long[] d = Tensors.dims(x);
    long channels = d[1] / (block * block);
    return x.reshape(d[0], block, block, channels, d[2], d[3])
        .permute(0, 3, 4, 1, 5, 2)
        .reshape(d[0], channels, d[2] * block, d[3] * block);
  }

  private static Tensor spaceToDepth(Call call) {
    Tensor x = call.x(0);
    long block = call.i("blocksize", 1);
    long[] d = Tensors.dims(x);
    return x.reshape(d[0], d[1], d[2] / block, block, d[3] / block, block)
        .permute(0, 3, 5, 1, 2, 4)
        .reshape(d[0], d[1] * block * block, d[2] / block, d[3] / block);
  }
}
