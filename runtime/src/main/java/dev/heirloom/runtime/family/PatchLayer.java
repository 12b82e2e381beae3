package dev.heirloom.runtime.family;

/**
 * What one rung says about one layer beyond its factors. The arrays are shared, not copied: whoever
 * gets one reads it only.
 */
public final class PatchLayer {

  private final float[] scale;
  private final float[] bias;
  private final float[] gateBias;

  /**
   * @param scale per output, multiplies the up-projections' rows; empty means all ones
   * @param bias per output, added to the layer's output; empty means none
   * @param gateBias per head, added to the gate's logits; empty for one head
   */
  public PatchLayer(float[] scale, float[] bias, float[] gateBias) {
    this.scale = scale;
    this.bias = bias;
    this.gateBias = gateBias;
  }

  /** Per output; empty means all ones. */
  public float[] scale() {
    return scale;
  }

  /** Per output; empty means none. */
  public float[] bias() {
    return bias;
  }

  /** Per head; empty for one head. */
  public float[] gateBias() {
    return gateBias;
  }

  /** Elements of this patch. */
  public long parameters() {
    return (long) scale.length + bias.length + gateBias.length;
  }

  /** The scale of one output. */
  public float scale(int output) {
    return scale.length == 0 ? 1f : scale[output];
  }
}
