package dev.heirloom.inheritance;

import java.util.Locale;

/** How a teacher is inherited. */
public enum Method {
  /** Data-weighted factors and ranks chosen by measured cost: the default. */
  HEIRLOOM(1),
  /**
   * As published: plain singular value decomposition, gated heads, one share of rank for all
   * layers.
   */
  INHERNET(3),
  /** Plain singular value decomposition with one head and one share of rank for all layers. */
  SVD(1);

  private final int heads;

  Method(int heads) {
    this.heads = heads;
  }

  /** Number of heads where none is asked for. */
  public int defaultHeads() {
    return heads;
  }

  boolean weighsByData() {
    return this == HEIRLOOM;
  }

  boolean choosesRanksPerLayer() {
    return this == HEIRLOOM;
  }

  /** Whether heads become one where their gate says the same of every sample at every rung. */
  boolean foldsConstantGates() {
    return this == HEIRLOOM;
  }

  /** Whether images are learnt from the teacher's answers alone, without a part for the labels. */
  boolean learnsImagesFromTeacherAlone() {
    return this == HEIRLOOM;
  }

  /** As it is written on the command line and in a manifest. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }
}
