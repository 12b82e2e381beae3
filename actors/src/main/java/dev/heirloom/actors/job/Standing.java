package dev.heirloom.actors.job;

/**
 * Whether an attempt may go on.
 *
 * @param reason why not; empty where it may
 */
public record Standing(boolean goOn, String reason) {
  static final Standing HOLDS = new Standing(true, "");

  static Standing over(String reason) {
    return new Standing(false, reason);
  }
}
