package dev.heirloom.inheritance.training;

import dev.heirloom.runtime.family.FactorPair;

/** What a factored layer starts its training from. */
public final class LayerStart {
  private final FactorPair pair;
  private final float[] bias;
  private final Norm norm;
  private final boolean sharedDown;
  private final float[] teacherMean;
  private final float[] teacherDeviation;

  /**
   * A layer's start.
   *
   * @param pair the factors at the largest rank of the plan
   * @param bias [outputs], the teacher's
   * @param norm what stands behind the layer while it is trained
   * @param sharedDown false where head h sees only the components k with k mod heads = h
   * @param teacherMean [outputs], of the teacher's layer, its bias included, over calibration
   *     samples and positions
   * @param teacherDeviation [outputs], the standard deviation beside that mean
   */
  public LayerStart(
      FactorPair pair,
      float[] bias,
      Norm norm,
      boolean sharedDown,
      float[] teacherMean,
      float[] teacherDeviation) {
    int outputs = pair.outputs();
    requireLength("bias", bias, outputs);
    requireLength("teacherMean", teacherMean, outputs);
    requireLength("teacherDeviation", teacherDeviation, outputs);
    this.pair = pair;
    this.bias = bias.clone();
    this.norm = norm;
    this.sharedDown = sharedDown;
    this.teacherMean = teacherMean.clone();
    this.teacherDeviation = teacherDeviation.clone();
  }

  private static void requireLength(String name, float[] values, int expected) {
    if (values.length != expected) {
      throw new IllegalArgumentException(
          name + ": " + values.length + " values (expected: " + expected + ")");
    }
  }

  /** The factors at the largest rank. */
  public FactorPair pair() {
    return pair;
  }

  boolean sharedDown() {
    return sharedDown;
  }

  Norm norm() {
    return norm;
  }

  /** [outputs]: what is added to a layer's output at the start, after its normalisation if any. */
  float[] shift() {
    return norm == Norm.NONE ? bias : teacherMean;
  }

  /** [outputs]: what a normalised output is multiplied by at the start. */
  float[] scale() {
    return teacherDeviation;
  }
}
