package dev.heirloom.edge.slot;

import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.GoldenOutput;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Patch;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.Probe;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Map;
import java.util.stream.IntStream;

/** Proves that an open session computes on this device what the control plane computed. */
final class SelfTest {
  /** Largest difference from a golden output, as a share of the largest magnitude in it. */
  static final double TOLERANCE = 1e-3;

  /**
   * How far agreement with the teacher may stay behind what was found for the rung, beside chance.
   */
  private static final double AGREEMENT_SLACK = 0.05;

  private static final double STANDARD_ERRORS = 4;
  private static final int BATCH = 16;

  private SelfTest() {}

  /**
   * Compares outputs for the probe's first samples with those that came with the patch.
   *
   * @throws InstallException if they differ, or cannot be computed
   */
  static void golden(OnnxSession session, Preprocessor preprocessor, Probe probe, Patch patch)
      throws InstallException {
    for (GoldenOutput golden : patch.getGoldenList()) {
      int samples = golden.getSamples();
      if (samples > probe.samples().size()) {
        throw new InstallException(
            Check.GOLDEN_OUTPUTS,
            "%d samples (expected: at most the probe's %d)"
                .formatted(samples, probe.samples().size()));
      }
      compare(
          golden.getOutput(),
          outputs(session, preprocessor, probe.samples(), golden),
          Patches.values(golden));
    }
  }

  /** Differences are measured against the largest magnitude of the golden values. */
  static void compare(String output, float[] actual, float[] golden) throws InstallException {
    if (actual.length != golden.length) {
      throw new InstallException(
          Check.GOLDEN_OUTPUTS,
          "output %s: %d values (expected: %d)".formatted(output, actual.length, golden.length));
    }
    double largest = 0;
    for (float value : golden) {
      largest = Math.max(largest, Math.abs(value));
    }
    double limit = TOLERANCE * largest;
    for (int i = 0; i < golden.length; i++) {
      double difference = Math.abs((double) actual[i] - golden[i]);
      // Written so that NaN fails.
      if (!(difference <= limit)) {
        throw new InstallException(
            Check.GOLDEN_OUTPUTS,
            "output %s: value %d is %s (expected: %s, within %.3g)"
                .formatted(output, i, actual[i], golden[i], limit));
      }
    }
  }

  /**
   * Runs the probe.
   *
   * @throws InstallException if it cannot be run, or the heir agrees with the teacher far less than
   *     it did where the family was made
   */
  static ProbeResult probe(
      OnnxSession session, Preprocessor preprocessor, Probe probe, Manifest manifest, Rung rung)
      throws InstallException {
    SampleSet samples = probe.samples();
    Evaluation.Result result;
    try {
      result = Evaluation.of(session, samples, preprocessor, manifest.getTask(), BATCH, done -> {});
    } catch (SessionException | MalformedException e) {
      throw new InstallException(Check.PROBE, e);
    }
    int[] classes = result.classes();
    int[] teacher = probe.teacherClasses();
    int correct = 0;
    int agreeing = 0;
    for (int i = 0; i < classes.length; i++) {
      int perSample = samples.labelsPerSample();
      correct += samples.label(i / perSample, i % perSample) == classes[i] ? 1 : 0;
      agreeing += teacher[i] == classes[i] ? 1 : 0;
    }
    checkAgreement(agreeing, classes.length, rung.getAgreement());
    return new ProbeResult(classes.length, correct, agreeing);
  }

  static void checkAgreement(int agreeing, int answers, double expected) throws InstallException {
    double chance = STANDARD_ERRORS * Math.sqrt(expected * (1 - expected) / Math.max(answers, 1));
    double least = expected - AGREEMENT_SLACK - chance;
    if (agreeing < least * answers) {
      throw new InstallException(
          Check.PROBE,
          "%d of %d answers agree with the teacher (expected: at least %.0f %%)"
              .formatted(agreeing, answers, 100 * least));
    }
  }

  private static float[] outputs(
      OnnxSession session, Preprocessor preprocessor, SampleSet samples, GoldenOutput golden)
      throws InstallException {
    int[] first = IntStream.range(0, golden.getSamples()).toArray();
    try {
      Map<String, TensorValue> outputs = session.run(preprocessor.batch(samples, first));
      TensorValue output = outputs.get(golden.getOutput());
      if (output == null) {
        throw new InstallException(
            Check.GOLDEN_OUTPUTS, "output " + golden.getOutput() + ": the heir has none");
      }
      return output.toFloats();
    } catch (SessionException | IllegalArgumentException e) {
      throw new InstallException(Check.GOLDEN_OUTPUTS, e);
    }
  }
}
