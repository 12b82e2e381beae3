package dev.heirloom.inheritance;

import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.GoldenOutput;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.proto.v1.TeacherFigures;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.sample.Probe;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Evaluates the teacher and every rung with the runtime, on the validation samples and for speed,
 * and completes the manifest with figures, probe and golden outputs.
 *
 * <p>Latencies are of one sample on one thread, all models in turn within one run. A rung that
 * turns out no faster than the teacher, on one thread or on all, is left out with those above it.
 */
final class FamilyEvaluation {

  private static final int BATCH = 64;
  private static final int PROBE_SAMPLES = 64;
  private static final int GOLDEN_SAMPLES = 4;
  private static final int WARM_UP = 20;
  private static final int MOST_ROUNDS = 300;
  private static final int FEWEST_ROUNDS = 60;

  /** Time that one measurement of all models may take, about. */
  private static final long PATIENCE_NS = 4_000_000_000L;

  private final Teacher teacher;
  private final Samples samples;
  private final Calibration calibration;
  private final InheritOptions options;
  private final Progress progress;
  private final Placement placement;

  FamilyEvaluation(
      Teacher teacher,
      Samples samples,
      Calibration calibration,
      InheritOptions options,
      Progress progress,
      Placement placement) {
    this.teacher = teacher;
    this.samples = samples;
    this.calibration = calibration;
    this.options = options;
    this.progress = progress;
    this.placement = placement;
  }

  /** A manifest with nothing left open, and its ladder. */
  record Completed(Manifest manifest, Ladder ladder) {}

  /** A rung's answers in figures, so that the answers themselves need not be kept. */
  private record Measured(double accuracy, double agreement, Map<String, Double> others) {
    static Measured of(Evaluation.Result result, Evaluation.Result reference) {
      return new Measured(
          result.accuracy(reference), result.agreement(reference), result.others(reference));
    }
  }

  Completed complete(DraftFamily draft, String name)
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          CancelledException {
    byte[] teacherBytes = teacher.original().bytes();
    long teacherMacs = Macs.of(teacher.folded(), shapes());
    List<byte[]> heirs = new ArrayList<>();
    for (int rung = 1; rung <= draft.size(); rung++) {
      heirs.add(draft.heir(rung));
    }
    List<Latency.Summary> latencies = latencies(teacherBytes, heirs, 1);
    SpeedRecord speed = new SpeedRecord();
    speed.add(1, heirs, oneSample());
    int kept = faster(teacherBytes, heirs, latencies, 1);
    if (options.threads() > 1) {
      List<byte[]> rest = heirs.subList(0, kept);
      List<Latency.Summary> together = latencies(teacherBytes, rest, options.threads());
      speed.add(options.threads(), rest, oneSample());
      kept = faster(teacherBytes, rest, together, options.threads());
    }
    if (kept == 0) {
      throw new RefusedException("no heir is faster than the teacher", List.of());
    }
    if (kept < heirs.size()) {
      progress.note(
          "rungs above "
              + kept
              + " are left out: measured again, they are no faster than the teacher");
    }
    long models = 1 + (long) kept;
    Evaluation.Result reference = evaluate(teacherBytes, 0, models);
    List<Measured> results = new ArrayList<>();
    for (int i = 0; i < kept; i++) {
      results.add(Measured.of(evaluate(heirs.get(i), i + 1, models), reference));
    }
    SampleSet probeSamples = probeSamples();
    Evaluation.Result probed = evaluate(teacherBytes, probeSamples);
    Probe probe =
        samples.purpose().namesClasses()
            ? new Probe(probeSamples, probed.classes())
            : new Probe(probeSamples, probed.numbers());
    for (int rung = 1; rung <= kept; rung++) {
      draft.setGolden(rung, golden(heirs.get(rung - 1)));
    }
    Manifest.Builder manifest = draft.manifest();
    manifest
        .setName(name)
        .setProbe(draft.add(probe.encode()))
        .setGoldenSamples(draft.add(probe.head(GOLDEN_SAMPLES).encode()))
        .setCreatedUnixMs(System.currentTimeMillis())
        .setMethod(options.method().method().title())
        .setTask(samples.task())
        .setUnlabelled(!samples.labelled())
        .setAnswer(samples.purpose().output())
        .setValidationAnswers(reference.classes().length)
        .setSeed(options.seed())
        .addAllPreprocessing(samples.preprocessing())
        .setTeacher(
            TeacherFigures.newBuilder()
                .setSha256(Digest.of(teacherBytes).bytes())
                .setParameters(teacher.original().parameters())
                .setMacs(teacherMacs)
                .setSizeBytes(teacherBytes.length)
                .setAccuracy(reference.accuracy(reference))
                .setLatencyP50Ns(latencies.get(0).p50Ns()));
    teacher.inputs().forEach(input -> manifest.addInputs(input.toManifest()));
    teacher.original().outputs().forEach(output -> manifest.addOutputs(output.toManifest()));
    long activations = largestActivations();
    for (int rung = 1; rung <= kept; rung++) {
      Rung.Builder figures = manifest.getRungsBuilder(rung - 1);
      figures
          .setParameters(draft.parameters(rung))
          .setMacs(draft.macs(rung, teacherMacs))
          .setSizeBytes(Manifests.sizeBytes(manifest.build(), rung))
          .setMemoryBytes(draft.residentBytes(rung) + activations)
          .setAccuracy(results.get(rung - 1).accuracy())
          .setAgreement(results.get(rung - 1).agreement())
          .setLatencyP50Ns(latencies.get(rung).p50Ns())
          .setLatencyP95Ns(latencies.get(rung).p95Ns());
      if (!samples.purpose().namesClasses()) {
        figures.setProbeAgreement(evaluate(heirs.get(rung - 1), probeSamples).agreement(probed));
      }
      results
          .get(rung - 1)
          .others()
          .forEach(
              (output, agreement) ->
                  figures.addOthersBuilder().setOutput(output).setAgreement(agreement));
    }
    timings(speed, heirs.subList(0, kept))
        .forEach(timing -> manifest.addTimings(timing.toManifest()));
    Manifest complete = cut(manifest, kept);
    return new Completed(complete, Ladder.of(complete));
  }

  private Map<String, TensorValue> oneSample() {
    return samples.preprocessor().batch(samples.heldBack(), new int[] {0});
  }

  private List<LadderTiming> timings(SpeedRecord speed, List<byte[]> heirs)
      throws MalformedException {
    try {
      return speed.timings(heirs, oneSample());
    } catch (SessionException e) {
      progress.note(
          "no speed can be predicted for devices: the rungs cannot be looked into ("
              + e.getMessage()
              + ")");
      return List.of();
    }
  }

  private Map<String, long[]> shapes() {
    Map<String, long[]> shapes = new HashMap<>();
    calibration.shapes().keySet().forEach(name -> shapes.put(name, calibration.shape(name)));
    return shapes;
  }

  /**
   * Number of rungs, from the smallest, that are faster than the teacher; one that does not seem to
   * be gets a second measurement.
   */
  private int faster(
      byte[] teacherBytes, List<byte[]> heirs, List<Latency.Summary> latencies, int threads)
      throws SessionException {
    int kept = 0;
    while (kept < heirs.size()) {
      boolean gains = latencies.get(kept + 1).p50Ns() < latencies.get(0).p50Ns();
      if (!gains) {
        List<Latency.Summary> again = latencies(teacherBytes, List.of(heirs.get(kept)), threads);
        gains = again.get(1).p50Ns() < again.get(0).p50Ns();
      }
      if (!gains) {
        break;
      }
      kept++;
    }
    return kept;
  }

  /** Leaves out rungs above a number, with the bands that only they need. */
  private static Manifest cut(Manifest.Builder manifest, int rungs) {
    while (manifest.getRungsCount() > rungs) {
      manifest.removeRungs(manifest.getRungsCount() - 1);
    }
    for (int i = 0; i < manifest.getLayersCount(); i++) {
      var layer = manifest.getLayersBuilder(i);
      while (layer.getBands(layer.getBandsCount() - 1).getRung() > rungs) {
        layer.removeBands(layer.getBandsCount() - 1);
      }
    }
    return manifest.build();
  }

  /** Of the teacher, then of each heir. */
  private List<Latency.Summary> latencies(byte[] teacherBytes, List<byte[]> heirs, int threads)
      throws SessionException {
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      sessions.add(OnnxSession.open(teacherBytes, SessionSettings.cpu(threads)));
      for (byte[] heir : heirs) {
        sessions.add(OnnxSession.open(heir, SessionSettings.cpu(threads)));
      }
      Map<String, TensorValue> input = oneSample();
      long roundNs =
          Latency.interleaved(sessions, input, 1, 3).stream()
              .mapToLong(Latency.Summary::p50Ns)
              .sum();
      int rounds = Latency.rounds(roundNs, FEWEST_ROUNDS, MOST_ROUNDS, PATIENCE_NS);
      return Latency.interleaved(sessions, input, WARM_UP, rounds);
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  private Evaluation.Result evaluate(byte[] model, long index, long models)
      throws SessionException, MalformedException, CancelledException {
    long size = samples.validate().size();
    try (OnnxSession session = OnnxSession.open(model, placement.sessions(options.threads()))) {
      Evaluation.Result result =
          Evaluation.of(
              session,
              samples.validate(),
              samples.preprocessor(),
              samples.purpose(),
              BATCH,
              done -> progress.step(index * size + done, models * size, OptionalDouble.empty()));
      if (progress.cancelled()) {
        throw new CancelledException();
      }
      return result;
    }
  }

  private Evaluation.Result evaluate(byte[] model, SampleSet some)
      throws SessionException, MalformedException {
    try (OnnxSession session = OnnxSession.open(model, SessionSettings.cpu(1))) {
      return Evaluation.of(
          session, some, samples.preprocessor(), samples.purpose(), BATCH, done -> {});
    }
  }

  private SampleSet probeSamples() {
    return samples.heldBack().head(Math.min(PROBE_SAMPLES, samples.heldBack().size()));
  }

  private List<GoldenOutput> golden(byte[] heir) throws SessionException, MalformedException {
    int size = Math.min(GOLDEN_SAMPLES, probeSamples().size());
    List<GoldenOutput> golden = new ArrayList<>();
    try (OnnxSession session = OnnxSession.open(heir, SessionSettings.cpu(1))) {
      Map<String, TensorValue> outputs =
          session.run(
              samples.preprocessor().batch(probeSamples(), IntStream.range(0, size).toArray()));
      outputs.forEach(
          (name, value) -> {
            if (value.type() == ElementType.ELEMENT_TYPE_FLOAT32) {
              golden.add(Patches.golden(name, size, value.toFloats()));
            }
          });
    }
    return golden;
  }

  /** Bytes of the largest input and output that one Conv, Gemm or MatMul has at the same time. */
  private long largestActivations() {
    return teacher.layers().stream()
            .mapToLong(layer -> elements(layer.inputTensor()) + elements(layer.outputTensor()))
            .max()
            .orElse(0)
        * Float.BYTES;
  }

  private long elements(String tensor) {
    long product = 1;
    for (long dim : calibration.shape(tensor)) {
      product = Math.multiplyExact(product, dim);
    }
    return product;
  }
}
