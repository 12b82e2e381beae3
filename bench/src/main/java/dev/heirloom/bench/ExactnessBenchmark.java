package dev.heirloom.bench;

import com.google.protobuf.ByteString;
import dev.heirloom.inheritance.draft.DraftFamily;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.assembly.Padding;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whether an exported heir computes what its family says, and costs what its family says: for every
 * teacher in {@code models}, with one head and with three, three rungs that nobody trained are
 * exported and compared with the teacher's own graph, its weights replaced by the factors'
 * products.
 *
 * <p>Figures: {@code models} and {@code rungs} that were compared; {@code worst_relative}, the
 * largest difference of an output over the largest output; {@code count_mismatches}, how many
 * reported parameters, multiply-accumulates and sizes in bytes differ from a count of the exported
 * graph, ranks unpadded, and of the blobs. A quick run takes the first and the last model.
 */
final class ExactnessBenchmark implements Benchmark {
  private static final int SAMPLES = 4;
  private static final SessionSettings ONE_THREAD = SessionSettings.cpu(1);

  @Override
  public String name() {
    return "exactness";
  }

  @Override
  public String description() {
    return "exported heirs against their factors, and reported costs against a second count";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atMost("worst_relative", 1e-4), Goal.atMost("count_mismatches", 0));
  }

  /** What was found so far. */
  private static final class Findings {
    double worst;
    int rungs;
    final List<String> mismatches = new ArrayList<>();

    void compare(String what, long reported, long counted) {
      if (reported != counted) {
        mismatches.add(what + ": " + reported + " reported, " + counted + " counted");
      }
    }
  }

  @Override
  public Figures run(Run run) throws Exception {
    List<Path> models = models(run);
    Findings findings = new Findings();
    for (Path model : models) {
      for (int heads : new int[] {1, 3}) {
        run.check();
        double before = findings.worst;
        findings.worst = 0;
        check(model, heads, findings);
        run.say()
            .accept(
                String.format(
                    "%s, %d heads: worst relative difference %.2g",
                    model.getFileName(), heads, findings.worst));
        findings.worst = Math.max(before, findings.worst);
      }
    }
    findings.mismatches.forEach(run.say());
    return Figures.none()
        .with("models", models.size())
        .with("rungs", findings.rungs)
        .with("worst_relative", findings.worst)
        .with("count_mismatches", findings.mismatches.size());
  }

  private static List<Path> models(Run run) throws Exception {
    try (Stream<Path> files = Files.walk(run.data("models"))) {
      List<Path> models = files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
      return run.quick() && models.size() > 2
          ? List.of(models.get(0), models.get(models.size() - 1))
          : models;
    }
  }

  private static void check(Path file, int heads, Findings findings)
      throws IOException, MalformedException, SessionException {
    Teacher teacher = Teacher.read(file);
    SampleSet samples = RandomSamples.of(teacher.inputs(), SAMPLES, 11);
    Preprocessor preprocessor =
        new Preprocessor(Preprocessor.of(samples, teacher.inputs(), Map.of()), teacher.inputs());
    Calibration calibration =
        Calibration.run(teacher, samples, preprocessor, ONE_THREAD, done -> true);
    RungSketch sketch = RungSketch.of(teacher, calibration, heads, 5);
    DraftFamily draft = sketch.draft();
    Map<String, TensorValue> batch =
        preprocessor.batch(samples, IntStream.range(0, SAMPLES).toArray());
    Map<String, TensorValue> one = preprocessor.batch(samples, new int[] {0});
    long teacherMacs = Macs.measure(teacher.folded(), one, ONE_THREAD);
    GraphCount dense = GraphCount.of(teacher.folded(), one);
    String origin = file.getFileName() + ", " + heads + " heads";
    findings.compare(origin + ", teacher's MACs", teacherMacs, dense.macs());
    for (int rung = 1; rung <= sketch.rungs(); rung++) {
      String title = origin + ", rung " + rung;
      OnnxModel plain =
          HeirAssembler.assemble(draft.manifest().build(), rung, draft.blobs(), Padding.NONE);
      GraphCount counted = GraphCount.of(plain, one);
      findings.compare(title + ", parameters", draft.parameters(rung), counted.parameters());
      findings.compare(title + ", MACs", draft.macs(rung, teacherMacs), counted.macs());
      findings.compare(title + ", bytes", draft.sizeBytes(rung), bytes(draft, rung));
      Map<String, TensorValue> expected = outputs(DenseRung.of(sketch, rung), batch);
      for (byte[] heir : List.of(plain.bytes(), draft.heir(rung))) {
        findings.worst = Math.max(findings.worst, difference(expected, outputs(heir, batch)));
      }
      findings.rungs++;
    }
  }

  private static Map<String, TensorValue> outputs(byte[] model, Map<String, TensorValue> batch)
      throws SessionException {
    try (OnnxSession session = OnnxSession.open(model, ONE_THREAD)) {
      return session.run(batch);
    }
  }

  private static double difference(
      Map<String, TensorValue> expected, Map<String, TensorValue> actual) {
    double worst = 0;
    for (Map.Entry<String, TensorValue> output : expected.entrySet()) {
      float[] left = output.getValue().toFloats();
      float[] right = Objects.requireNonNull(actual.get(output.getKey())).toFloats();
      double largest = 0;
      double apart = left.length == right.length ? 0 : Double.POSITIVE_INFINITY;
      for (int i = 0; i < Math.min(left.length, right.length); i++) {
        largest = Math.max(largest, Math.abs(left[i]));
        double one = Math.abs((double) left[i] - right[i]);
        apart = Math.max(apart, Double.isNaN(one) ? Double.POSITIVE_INFINITY : one);
      }
      worst = Math.max(worst, apart / Math.max(largest, 1e-30));
    }
    return worst;
  }

  /** The content of every blob that a device needs for a rung, each once. */
  private static long bytes(DraftFamily draft, int rung) throws IOException, MalformedException {
    Manifest manifest = draft.manifest().build();
    List<Blob> blobs = new ArrayList<>(List.of(manifest.getSkeleton()));
    manifest.getDenseList().forEach(weight -> blobs.add(weight.getBlob()));
    int layer = 0;
    for (FactoredLayer factored : manifest.getLayersList()) {
      for (Band band : factored.getBandsList()) {
        if (band.getFromRank() < draft.ranks(rung).get(layer)) {
          blobs.add(band.getBlob());
        }
      }
      layer++;
    }
    blobs.add(manifest.getRungs(rung - 1).getPatch());
    Map<ByteString, Long> sizes = new HashMap<>();
    for (Blob blob : blobs) {
      sizes.put(blob.getSha256(), (long) draft.blobs().read(blob).length);
    }
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }
}
