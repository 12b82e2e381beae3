package dev.heirloom.edge.slot;

import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.GoldenOutput;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Patch;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.measure.Purpose;
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
    Purpose purpose = Purpose.of(manifest);
    Evaluation.Result result;
    try {
      result = Evaluation.of(session, samples, preprocessor, purpose, BATCH, done -> {});
    } catch (SessionException | MalformedException e) {
      throw new InstallException(Check.PROBE, e);
    }
    return purpose.namesClasses() ? classes(result, probe, rung) : numbers(result, probe, rung);
  }

  private static ProbeResult classes(Evaluation.Result result, Probe probe, Rung rung)
      throws InstallException {
    int[] teacher = probe.teacherClasses();
    int answers = result.classes().length;
    if (teacher.length != answers) {
      throw new InstallException(
          Check.PROBE, "%d answers (expected: %d)".formatted(answers, teacher.length));
    }
    int agreeing = share(result.agreement(teacher), answers);
    checkAgreement(agreeing, answers, rung.getAgreement());
    int correct = result.labelled() ? share(result.accuracy(), answers) : agreeing;
    return new ProbeResult(answers, correct, agreeing);
  }

  /**
   * Each sample counts as one answer; how many are right or agree is the measure's share of them.
   */
  private static ProbeResult numbers(Evaluation.Result result, Probe probe, Rung rung)
      throws InstallException {
    float[] teacher = probe.teacherNumbers();
    if (teacher.length != result.numbers().length) {
      throw new InstallException(
          Check.PROBE,
          "%d numbers (expected: %d)".formatted(result.numbers().length, teacher.length));
    }
    double agreement = result.agreement(teacher);
    if (agreement < rung.getProbeAgreement() - AGREEMENT_SLACK) {
      throw new InstallException(
          Check.PROBE,
          "agreement with the teacher is %.3f (expected: at least %.3f)"
              .formatted(agreement, rung.getProbeAgreement() - AGREEMENT_SLACK));
    }
    int samples = probe.samples().size();
    int agreeing = share(agreement, samples);
    int correct = result.labelled() ? share(result.accuracy(), samples) : agreeing;
    return new ProbeResult(samples, correct, agreeing);
  }

  private static int share(double share, int answers) {
    return (int) Math.round(share * answers);
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
