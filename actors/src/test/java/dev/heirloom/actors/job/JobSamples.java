package dev.heirloom.actors.job;

import java.util.List;
import java.util.Map;

/** Jobs as tests submit them. */
public final class JobSamples {
  private static final String DIGEST = "ab".repeat(32);

  /** A small one. */
  public static final JobSpec SPEC =
      new JobSpec(
          new JobFile("wide.onnx", DIGEST, 1000),
          new SampleSet("", List.of(new JobFile("train.npz", DIGEST, 2000))),
          new SampleSet("", List.of(new JobFile("validate.npz", DIGEST, 3000))),
          List.of(),
          List.of("0.5/0.25"),
          Map.of("rungs", "3", "steps", "40"));

  private JobSamples() {}

  /** What a trainer reports in its fine-tune. */
  public static JobProgress fineTuning(long kept) {
    return new JobProgress("fine-tune", kept + 1, 40, 0.5, kept, kept + 1, 0, "");
  }
}
