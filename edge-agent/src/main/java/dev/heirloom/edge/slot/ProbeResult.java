package dev.heirloom.edge.slot;

/**
 * What a heir made of the probe on this device.
 *
 * <p>Where answers are numbers, each sample is one answer, and the counts are the task's measures
 * times that. Without labels, what agrees counts as correct.
 *
 * @param samples answers that were asked for
 * @param correct answers equal to the label
 * @param agreeing answers equal to the teacher's
 */
public record ProbeResult(long samples, long correct, long agreeing) {
  public ProbeResult {
    if (samples < 0 || correct < 0 || agreeing < 0 || correct > samples || agreeing > samples) {
      throw new IllegalArgumentException(
          "probe: %d samples, %d correct, %d agreeing".formatted(samples, correct, agreeing));
    }
  }
}
