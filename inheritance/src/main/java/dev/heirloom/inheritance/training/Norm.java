package dev.heirloom.inheritance.training;

/** The normalisation that stands behind a factored layer while it is trained. */
public enum Norm {
  /** None: the layer keeps one trained bias that all rungs share. */
  NONE,
  /** The mean over the batch is taken out and a trained shift put in. */
  MEAN,
  /** Batch normalisation with a trained scale and shift. */
  FULL
}
