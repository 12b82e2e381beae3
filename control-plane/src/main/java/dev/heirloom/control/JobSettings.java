package dev.heirloom.control;

/**
 * What a control plane takes for jobs, and the trainer that it starts on its own machine when there
 * is one.
 *
 * @param uploadBytes of teachers and data altogether, from 1
 * @param trainer whether it starts one
 * @param threads of the training, from 1
 * @param niceness 0..19, where there is {@code nice}; 19 gives way to everything
 */
public record JobSettings(long uploadBytes, boolean trainer, int threads, int niceness) {
  private static final long USUAL_UPLOAD_BYTES = 64L << 30;
  private static final int MOST_NICENESS = 19;

  /**
   * Every core but one, whenever nothing else wants it. Threads that share out a product wait for
   * the last of them: with one on the core that serves, all would go at its pace.
   */
  public static final JobSettings USUAL =
      new JobSettings(
          USUAL_UPLOAD_BYTES,
          true,
          Math.max(1, Runtime.getRuntime().availableProcessors() - 1),
          MOST_NICENESS);

  public JobSettings {
    if (uploadBytes < 1) {
      throw new IllegalArgumentException("uploadBytes: " + uploadBytes + " (expected: 1 or more)");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: 1 or more)");
    }
    if (niceness < 0 || niceness > MOST_NICENESS) {
      throw new IllegalArgumentException(
          "niceness: " + niceness + " (expected: 0.." + MOST_NICENESS + ")");
    }
  }

  /** No trainer here; others may connect. */
  public JobSettings withoutTrainer() {
    return new JobSettings(uploadBytes, false, threads, niceness);
  }

  /** Takes so many bytes of uploads. */
  public JobSettings withUploadBytes(long bytes) {
    return new JobSettings(bytes, trainer, threads, niceness);
  }
}
