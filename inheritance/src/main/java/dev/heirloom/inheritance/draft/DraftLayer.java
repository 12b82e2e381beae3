package dev.heirloom.inheritance.draft;

import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.runtime.family.FactorPair;

/**
 * One layer of a family in the making.
 *
 * @param dense what it was in the teacher
 * @param pair its factors, at least as large as the largest rung's rank
 * @param positions how often the layer's weight is applied per sample
 */
public record DraftLayer(DenseLayer dense, FactorPair pair, long positions) {

  public DraftLayer withPair(FactorPair trained) {
    return new DraftLayer(dense, trained, positions);
  }

  /** Elements of the factors and the gate at a rank: {@code r·n + H·r·m (+ H(r + 1)) + m}. */
  public long parameters(int rank) {
    return parameters(dense, pair.heads(), rank);
  }

  /** The same, for a layer that is not factored yet; the bias is counted. */
  public static long parameters(DenseLayer dense, int heads, int rank) {
    long factors = (long) rank * dense.inputs() + (long) heads * rank * dense.outputs();
    long gate = heads == 1 ? 0 : (long) heads * (rank + 1);
    return factors + gate + dense.outputs();
  }

  /** Multiply-accumulates for one sample, in the form in which the runtime computes them. */
  public long macs(int rank) {
    int heads = pair.heads();
    long down = positions * rank * dense.inputs();
    long up = positions * rank * dense.outputs();
    if (heads == 1) {
      return down + up;
    }
    long mixed = (long) heads * rank * dense.outputs();
    return dense.isConvolution()
        ? down + up + mixed + (long) heads * rank
        : down + heads * up + positions * heads * rank;
  }

  public long denseMacs() {
    return positions * dense.outputs() * dense.inputs();
  }
}
