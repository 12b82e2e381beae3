package dev.heirloom.inheritance.training;

import static dev.heirloom.inheritance.training.Operator.one;
import static java.util.Map.entry;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What reads or writes at positions that are values themselves, and what finds positions. */
final class IndexingOperators {
  static final Map<String, Operator> ALL =
      Map.ofEntries(
          entry("Gather", one(IndexingOperators::gather)),
          entry("GatherElements", one(IndexingOperators::gatherElements)),
          entry("GatherND", one(IndexingOperators::gatherAtTuples)),
          entry("Scatter", one(IndexingOperators::scatterElements)),
          entry("ScatterElements", one(IndexingOperators::scatterElements)),
          entry("ScatterND", one(IndexingOperators::scatterAtTuples)),
          entry("ArgMax", one(call -> extreme(call, true))),
          entry("ArgMin", one(call -> extreme(call, false))),
          entry("TopK", IndexingOperators::top),
          entry("NonZero", one(call -> torch.nonzero(call.x(0)).t())),
          entry("OneHot", one(IndexingOperators::oneHot)));

  private IndexingOperators() {}

  /** Indices as int64 from the front, beside the tensor that they index. */
  private static Tensor fromFront(Tensor indices, Tensor beside, long length) {
    Tensor wide = Tensors.beside(indices, beside).to(ScalarType.Long);
    return torch.where(torch.lt(wide, new Scalar(0L)), torch.add(wide, new Scalar(length)), wide);
  }

  private static Tensor gather(Call call) {
    Tensor x = call.x(0);
    int axis = Call.axis(call.i("axis", 0), x.dim());
    Tensor indices = fromFront(call.x(1), x, x.size(axis));
    Tensor picked = torch.index_select(x, axis, indices.reshape(-1));
    long[] from = Tensors.dims(x);
    return picked.reshape(
        concat(
            Arrays.copyOf(from, axis),
            Tensors.dims(indices),
            Arrays.copyOfRange(from, axis + 1, from.length)));
  }

  private static long[] concat(long[]... parts) {
    return Arrays.stream(parts).flatMapToLong(Arrays::stream).toArray();
  }

  private static Tensor gatherElements(Call call) {
    Tensor x = call.x(0);
    int axis = Call.axis(call.i("axis", 0), x.dim());
    return torch.gather(x, axis, fromFront(call.x(1), x, x.size(axis)));
  }

  private static Tensor scatterElements(Call call) {
    Tensor x = call.x(0);
    int axis = Call.axis(call.i("axis", 0), x.dim());
    Tensor indices = fromFront(call.x(1), x, x.size(axis));
    Tensor updates = call.x(2).to(x.scalar_type());
    String reduction = call.s("reduction", "none");
    return reduction.equals("none")
        ? torch.scatter(x, axis, indices, updates)
        : torch.scatter_reduce(x, axis, indices, updates, reduction(reduction));
  }

  private static String reduction(String name) {
    return switch (name) {
      case "add" -> "sum";
      case "mul" -> "prod";
      case "max" -> "amax";
      case "min" -> "amin";
      default -> throw new IllegalArgumentException("reduction: " + name);
    };
  }

  /** Row numbers of index tuples in a tensor whose first axes were made one; [tuples]. */
  private static Tensor rows(Tensor indices, long[] lengths, Tensor beside) {
    int last = (int) indices.dim() - 1;
    Tensor row = torch.zeros(new long[] {1}, new TensorOptions(ScalarType.Long));
    row = Tensors.beside(row, beside);
    for (int i = 0; i < lengths.length; i++) {
      Tensor along = fromFront(torch.select(indices, last, i), beside, lengths[i]);
      row = torch.add(torch.mul(row, new Scalar(lengths[i])), along);
    }
    return row;
  }

  private static Tensor gatherAtTuples(Call call) {
    Tensor x = call.x(0);
    Tensor indices = call.x(1);
    long[] from = Tensors.dims(x);
    long[] at = Tensors.dims(indices);
    int shared = (int) call.i("batch_dims", 0);
    int tuple = (int) at[at.length - 1];
    long samples = product(from, 0, shared);
    long places = product(from, shared, shared + tuple);
    Tensor row =
        rows(
            indices.reshape(samples, -1, tuple),
            Arrays.copyOfRange(from, shared, shared + tuple),
            x);
    Tensor sample = Tensors.longs(LongStream.range(0, samples).toArray(), samples, 1);
    row = torch.add(row, torch.mul(Tensors.beside(sample, x), new Scalar(places)));
    long[] rest = Arrays.copyOfRange(from, shared + tuple, from.length);
    Tensor flat = x.reshape(concat(new long[] {samples * places}, rest));
    return torch
        .index_select(flat, 0, row.reshape(-1))
        .reshape(concat(Arrays.copyOf(at, at.length - 1), rest));
  }

  private static Tensor scatterAtTuples(Call call) {
    Tensor x = call.x(0);
    Tensor indices = call.x(1);
    long[] dims = Tensors.dims(x);
    int tuple = (int) indices.size(indices.dim() - 1);
    long[] rest = Arrays.copyOfRange(dims, tuple, dims.length);
    Tensor row = rows(indices, Arrays.copyOf(dims, tuple), x).reshape(-1);
    Tensor flat = x.reshape(concat(new long[] {product(dims, 0, tuple)}, rest));
    Tensor updates =
        Tensors.beside(call.x(2), x)
            .to(x.scalar_type())
            .reshape(concat(new long[] {row.size(0)}, rest));
    String reduction = call.s("reduction", "none");
    if (reduction.equals("none")) {
      return torch.index_copy(flat, 0, row, updates).reshape(dims);
    }
    long[] one = new long[rest.length + 1];
    Arrays.fill(one, 1);
    one[0] = row.size(0);
    Tensor everywhere = row.reshape(one).expand_as(updates);
    return torch.scatter_reduce(flat, 0, everywhere, updates, reduction(reduction)).reshape(dims);
  }

  private static long product(long[] dims, int from, int to) {
    return Arrays.stream(dims, from, to).reduce(1, Math::multiplyExact);
  }

  private static Tensor extreme(Call call, boolean largest) {
    Tensor x = call.x(0);
    int axis = Call.axis(call.i("axis", 0), x.dim());
    boolean keep = call.i("keepdims", 1) == 1;
    boolean last = call.i("select_last_index", 0) == 1;
    Tensor searched = last ? torch.flip(x, axis) : x;
    LongOptional along = new LongOptional(axis);
    Tensor found =
        largest ? torch.argmax(searched, along, keep) : torch.argmin(searched, along, keep);
    return last ? torch.add(torch.neg(found), new Scalar(x.size(axis) - 1)) : found;
  }

  private static Tensor[] top(Call call) {
    Tensor x = call.x(0);
    long number = call.has(1) ? call.longs(1)[0] : call.i("k", 1);
    int axis = Call.axis(call.i("axis", -1), x.dim());
    boolean largest = call.i("largest", 1) == 1;
    T_TensorTensor_T found = torch.topk(x, number, axis, largest, true);
    return new Tensor[] {found.get0().alias(), found.get1().alias()};
  }

  private static Tensor oneHot(Call call) {
    long depth = call.longs(1)[0];
    Tensor values = Tensors.beside(call.x(2), call.x(0));
    Tensor indices = fromFront(call.x(0), call.x(0), depth);
    int axis = Call.axis(call.i("axis", -1), indices.dim() + 1);
    long[] along = new long[(int) indices.dim() + 1];
    Arrays.fill(along, 1);
    along[axis] = depth;
    Tensor classes =
        Tensors.beside(Tensors.longs(LongStream.range(0, depth).toArray(), along), indices);
    return torch.where(
        torch.eq(torch.unsqueeze(indices, axis), classes),
        torch.select(values, 0, 1),
        torch.select(values, 0, 0));
  }
}
