package dev.heirloom.control.cli;

import dev.heirloom.inheritance.sample.SampleSources;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.sample.Normalization;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.Reading;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;

/** Measures one model on data: how often it is right, how fast it is, what it costs. */
final class Evaluator {
  private static final int BATCH = 64;
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 200;

  private final int threads;
  private final Optional<Path> teacher;
  private final CloseableProgress progress;

  /**
   * @param teacher ONNX file of a model to measure agreement with
   */
  Evaluator(int threads, Optional<Path> teacher, CloseableProgress progress) {
    this.threads = threads;
    this.teacher = teacher;
    this.progress = progress;
  }

  /**
   * An ONNX model, with the preprocessing that the options ask for.
   *
   * @param task empty: what labels and the output's shape tell
   * @param output the output that labels are about; empty: the first
   */
  EvaluationFigures model(
      OnnxModel model,
      String data,
      List<String> normalize,
      Optional<Task> task,
      Optional<String> output)
      throws IOException, MalformedException, SessionException {
    List<TensorSpec> inputs = model.inputs();
    SampleSet samples = SampleSources.read(data, inputs, reading());
    List<Preprocessing> preprocessing =
        Preprocessor.of(samples, inputs, Normalization.parse(normalize));
    Preprocessor preprocessor = new Preprocessor(preprocessing, inputs);
    Map<String, TensorValue> one = preprocessor.batch(samples, new int[] {0});
    long macs = Macs.measure(model, one, SessionSettings.cpu(1));
    try (OnnxSession session = open(model.bytes())) {
      String answer =
          new Purpose(Task.TASK_UNSPECIFIED, output.orElse("")).answer(session.outputs()).name();
      long[] dims = Objects.requireNonNull(session.run(one, List.of(answer)).get(answer)).dims();
      return named(
          data,
          () ->
              measure(
                  session,
                  samples,
                  preprocessor,
                  Purpose.choose(task, answer, dims, samples),
                  model.parameters(),
                  macs));
    }
  }

  /** A rung of a family, with the preprocessing that came with it. */
  EvaluationFigures rung(Family family, int rung, String data)
      throws IOException, MalformedException, SessionException {
    Manifest manifest = family.manifest();
    RungFigures figures = family.ladder().rung(rung);
    byte[] heir = HeirAssembler.assemble(manifest, rung, family.blobs());
    try (OnnxSession session = open(heir)) {
      SampleSet samples = SampleSources.read(data, session.inputs(), reading());
      Preprocessor preprocessor =
          new Preprocessor(manifest.getPreprocessingList(), session.inputs());
      return named(
          data,
          () ->
              measure(
                  session,
                  samples,
                  preprocessor,
                  Purpose.of(manifest),
                  figures.parameters(),
                  figures.macs()));
    }
  }

  /** A measurement; what it finds wrong with the samples is said with the name of their file. */
  private interface Measurement {
    EvaluationFigures take() throws IOException, SessionException, MalformedException;
  }

  private static EvaluationFigures named(String data, Measurement measurement)
      throws IOException, SessionException, MalformedException {
    try {
      return measurement.take();
    } catch (MalformedException e) {
      throw e.in(data);
    }
  }

  private Reading reading() {
    return Reading.heardBy(this::step);
  }

  private void step(long done, long total) {
    progress.step(done, total, OptionalDouble.empty());
    if (progress.cancelled()) {
      throw new CancellationException();
    }
  }

  private OnnxSession open(byte[] onnx) throws SessionException {
    return OnnxSession.open(onnx, SessionSettings.cpu(threads));
  }

  private EvaluationFigures measure(
      OnnxSession session,
      SampleSet samples,
      Preprocessor preprocessor,
      Purpose purpose,
      long parameters,
      long macs)
      throws IOException, SessionException, MalformedException {
    if (teacher.isEmpty() && !purpose.labelled(samples)) {
      throw new MalformedException(
          "there are no labels (expected: labels, or --teacher to measure the agreement with)");
    }
    Evaluation.Result result = evaluate(session, samples, preprocessor, purpose);
    OptionalDouble agreement = OptionalDouble.empty();
    if (teacher.isPresent()) {
      try (OnnxSession reference = open(OnnxModel.read(teacher.get()).bytes())) {
        agreement =
            OptionalDouble.of(
                result.agreement(evaluate(reference, samples, preprocessor, purpose)));
      }
    }
    Map<String, TensorValue> one = preprocessor.batch(samples, new int[] {0});
    Latency.Summary latency = Latency.interleaved(List.of(session), one, WARM_UP, ROUNDS).get(0);
    return new EvaluationFigures(
        purpose.task(),
        samples.size(),
        result.labelled() ? OptionalDouble.of(result.accuracy()) : OptionalDouble.empty(),
        result.labelled() ? OptionalDouble.of(result.loss()) : OptionalDouble.empty(),
        agreement,
        latency.p50Ns(),
        latency.p95Ns(),
        parameters,
        macs);
  }

  private Evaluation.Result evaluate(
      OnnxSession session, SampleSet samples, Preprocessor preprocessor, Purpose purpose)
      throws SessionException, MalformedException {
    return Evaluation.of(
        session, samples, preprocessor, purpose, BATCH, done -> step(done, samples.size()));
  }
}
