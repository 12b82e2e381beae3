package dev.heirloom.control.cli;

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
import dev.heirloom.runtime.sample.Normalization;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;

/** Measures one model on labelled data: how often it is right, how fast it is, what it costs. */
final class Evaluator {
  private static final int BATCH = 64;
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 200;

  private final int threads;
  private final CloseableProgress progress;

  Evaluator(int threads, CloseableProgress progress) {
    this.threads = threads;
    this.progress = progress;
  }

  /** An ONNX model, with the preprocessing that the options ask for. */
  EvaluationFigures model(OnnxModel model, String data, List<String> normalize)
      throws IOException, MalformedException, SessionException {
    model.checkFinite();
    List<TensorSpec> inputs = model.inputs();
    SampleSet samples = SampleFiles.readLabelled(data, inputs);
    List<Preprocessing> preprocessing =
        Preprocessor.of(samples, inputs, Normalization.parse(normalize));
    Preprocessor preprocessor = new Preprocessor(preprocessing, inputs);
    Map<String, TensorValue> one = preprocessor.batch(samples, new int[] {0});
    long macs = Macs.measure(model, one, SessionSettings.cpu(1));
    try (OnnxSession session = open(model.bytes())) {
      Task task = Evaluation.task(model.outputs().get(0).name(), session.runFirst(one).dims());
      return named(
          data, () -> measure(session, samples, preprocessor, task, model.parameters(), macs));
    }
  }

  /** A rung of a family, with the preprocessing that came with it. */
  EvaluationFigures rung(Family family, int rung, String data)
      throws IOException, MalformedException, SessionException {
    Manifest manifest = family.manifest();
    RungFigures figures = family.ladder().rung(rung);
    byte[] heir = HeirAssembler.assemble(manifest, rung, family.blobs());
    try (OnnxSession session = open(heir)) {
      SampleSet samples = SampleFiles.readLabelled(data, session.inputs());
      Preprocessor preprocessor =
          new Preprocessor(manifest.getPreprocessingList(), session.inputs());
      return named(
          data,
          () ->
              measure(
                  session,
                  samples,
                  preprocessor,
                  manifest.getTask(),
                  figures.parameters(),
                  figures.macs()));
    }
  }

  /** A measurement; what it finds wrong with the samples is said with the name of their file. */
  private interface Measurement {
    EvaluationFigures take() throws SessionException, MalformedException;
  }

  private static EvaluationFigures named(String data, Measurement measurement)
      throws SessionException, MalformedException {
    try {
      return measurement.take();
    } catch (MalformedException e) {
      throw e.in(data);
    }
  }

  private OnnxSession open(byte[] onnx) throws SessionException {
    return OnnxSession.open(onnx, SessionSettings.cpu(threads));
  }

  private EvaluationFigures measure(
      OnnxSession session,
      SampleSet samples,
      Preprocessor preprocessor,
      Task task,
      long parameters,
      long macs)
      throws SessionException, MalformedException {
    Evaluation.Result result =
        Evaluation.of(
            session,
            samples,
            preprocessor,
            task,
            BATCH,
            done -> {
              progress.step(done, samples.size(), OptionalDouble.empty());
              if (progress.cancelled()) {
                throw new CancellationException();
              }
            });
    Map<String, TensorValue> one = preprocessor.batch(samples, new int[] {0});
    Latency.Summary latency = Latency.interleaved(List.of(session), one, WARM_UP, ROUNDS).get(0);
    return new EvaluationFigures(
        samples.size(),
        result.accuracy(),
        result.loss(),
        latency.p50Ns(),
        latency.p95Ns(),
        parameters,
        macs);
  }
}
