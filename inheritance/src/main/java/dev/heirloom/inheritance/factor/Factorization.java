package dev.heirloom.inheritance.factor;

import java.util.Optional;

/**
 * A weight matrix as an ordered product of factors: its first r components are its best rank-r map.
 *
 * <p>{@code W ≈ up · down} with {@code up = U√S}, {@code down = √S Vᵀ C⁻¹} from the singular value
 * decomposition of {@code W C}; C is the identity without an {@link InputMetric}.
 */
public final class Factorization {

  private final int outputs;
  private final int inputs;
  private final double[] singularValues;
  private final int held;
  private final float[] up;
  private final float[] down;

  private Factorization(
      int outputs, int inputs, double[] singularValues, int held, float[] up, float[] down) {
    this.outputs = outputs;
    this.inputs = inputs;
    this.held = held;
    this.singularValues = singularValues;
    this.up = up;
    this.down = down;
  }

  /**
   * Factors a weight.
   *
   * @param weight float32, row-major, outputs × inputs
   * @param metric of the layer's inputs; without it every input direction counts alike
   */
  public static Factorization of(
      float[] weight, int outputs, int inputs, Optional<InputMetric> metric) {
    GramFactors factors =
        new GramFactors(weight, outputs, inputs, metric.filter(seen -> seen.count() > 0));
    return new Factorization(
        outputs,
        inputs,
        factors.singularValues(),
        Math.min(outputs, inputs),
        factors.up(),
        factors.down());
  }

  /**
   * The same decomposition without the components from one rank on, which then cost no memory; what
   * they hold is still known.
   *
   * @param rank the largest that will be asked for, from 1
   */
  public Factorization upTo(int rank) {
    if (rank >= held) {
      return this;
    }
    return new Factorization(outputs, inputs, singularValues, rank, up(rank), down(rank));
  }

  /** The largest rank for which there are factors. */
  public int largestRank() {
    return held;
  }

  /** Number of components: min(outputs, inputs). */
  public int fullRank() {
    return singularValues.length;
  }

  /**
   * Returns the share of the output's energy that rank r loses: {@code Σ_{i>r} s²ᵢ / Σ s²ᵢ}, 0..1.
   *
   * @param rank 0 to {@link #fullRank()}
   */
  public double lostEnergy(int rank) {
    double lost = 0;
    double total = 0;
    for (int i = 0; i < singularValues.length; i++) {
      double energy = singularValues[i] * singularValues[i];
      total += energy;
      lost += i < rank ? 0 : energy;
    }
    return total == 0 ? 0 : lost / total;
  }

  /** Returns the first rows of the down-projection: float32, row-major, rank × inputs. */
  public float[] down(int rank) {
    requireHeld(rank);
    float[] result = new float[rank * inputs];
    System.arraycopy(down, 0, result, 0, result.length);
    return result;
  }

  /** Returns the first columns of the up-projection: float32, row-major, outputs × rank. */
  public float[] up(int rank) {
    requireHeld(rank);
    float[] result = new float[outputs * rank];
    for (int i = 0; i < outputs; i++) {
      System.arraycopy(up, i * held, result, i * rank, rank);
    }
    return result;
  }

  private void requireHeld(int rank) {
    if (rank < 0 || rank > held) {
      throw new IllegalArgumentException("rank: " + rank + " (expected: 0.." + held + ")");
    }
  }
}
