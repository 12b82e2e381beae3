package dev.heirloom.actors.rollout;

/**
 * What became of one gate.
 *
 * @param gate which one
 * @param verdict whether it is passed
 * @param value what was measured; NaN where nothing was
 * @param threshold what is asked
 * @param reason one sentence with its numbers
 */
public record GateFinding(
    Gate gate, Verdict verdict, double value, double threshold, String reason) {

  /** What is asked of a group. */
  public enum Gate {
    SUCCESS,
    ACCURACY,
    P95,
    DRIFT
  }

  /** What is to be thought of it. */
  public enum Verdict {
    PASSED,
    IN_DOUBT,
    FAILED
  }
}
