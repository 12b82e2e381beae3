package dev.heirloom.inheritance.training;

/** What of the teacher a network learns from. */
public enum Distillation {
  /** Its outputs. */
  LOGITS,
  /** Its outputs, and the values of the features before the last layer. */
  FEATURES,
  /** Its outputs, and the direction of the features before the last layer. */
  EMBEDDINGS,
  /** Nothing: labels alone. */
  NONE;

  /** The name by which it is asked for. */
  public String title() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  boolean comparesFeatures() {
    return this == FEATURES || this == EMBEDDINGS;
  }
}
