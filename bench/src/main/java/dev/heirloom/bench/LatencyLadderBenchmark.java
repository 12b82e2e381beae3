package dev.heirloom.bench;

import dev.heirloom.bench.network.BasicResNet;
import dev.heirloom.bench.network.Bert;
import dev.heirloom.bench.network.Vgg;
import dev.heirloom.bench.network.VisionTransformer;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Whether every rung is faster than its teacher: a family without fine-tune, on random samples, of
 * every shared teacher and of networks with random weights; then teacher and heirs in turn on one
 * sample, on one and on two threads.
 *
 * <p>Figures: {@code worst_ratio}, the largest median of a rung over its teacher's, and the same of
 * each network; heirs of one rank in every layer that becomes smaller by it: {@code
 * resnet56_r16_folded_1t}, {@code _gated_1t} (three heads where a gated layer is smaller and faster
 * than the dense one, one elsewhere), {@code _all_gated_1t} (three heads in every layer), and
 * {@code vgg13_r64_1t}. A ratio is the median of three measurements. A refused teacher is said and
 * counted in {@code refused}.
 */
final class LatencyLadderBenchmark implements Benchmark {
  private static final int ROUNDS = 150;
  private static final int QUICK_ROUNDS = 20;
  private static final int REPEATS = 3;
  private static final int WARM_UP = 10;
  private static final int[] THREADS = {1, 2};

  @Override
  public String name() {
    return "latency-ladder";
  }

  @Override
  public String description() {
    return "latency of every rung over its teacher's, of shared teachers and random networks";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("worst_ratio", 1),
        Goal.atMost("resnet56_r16_folded_1t", 0.65),
        Goal.atMost("resnet56_r16_gated_1t", 0.80),
        Goal.atMost("vgg13_r64_1t", 0.33));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Figures figures = fixedRanks(run);
    double worst = 0;
    int refused = 0;
    for (Map.Entry<String, OnnxModel> network : networks(run).entrySet()) {
      run.check();
      try {
        double ratio = family(run, network.getKey(), network.getValue());
        figures = figures.with("worst_" + network.getKey().replace('-', '_'), ratio);
        worst = Math.max(worst, ratio);
      } catch (RefusedException e) {
        run.say().accept(network.getKey() + ": refused: " + e.getMessage());
        refused++;
      }
    }
    return figures.with("worst_ratio", worst).with("refused", refused);
  }

  private static Figures fixedRanks(Run run) throws Exception {
    OnnxModel resNet = BasicResNet.resNet56().network(1);
    OnnxModel vgg = Vgg.vgg13().network(1);
    List<Double> deep =
        ratios(
            run,
            resNet,
            List.of(
                FixedRank.heir(resNet, 16, 1).bytes(),
                FixedRank.gatedWhereFaster(resNet, 16, 3).bytes(),
                FixedRank.heir(resNet, 16, 3).bytes()),
            1);
    return Figures.none()
        .with("resnet56_r16_folded_1t", deep.get(0))
        .with("resnet56_r16_gated_1t", deep.get(1))
        .with("resnet56_r16_all_gated_1t", deep.get(2))
        .with(
            "vgg13_r64_1t",
            ratios(run, vgg, List.of(FixedRank.heir(vgg, 64, 1).bytes()), 1).get(0));
  }

  private static Map<String, OnnxModel> networks(Run run) throws Exception {
    Map<String, OnnxModel> networks = new LinkedHashMap<>();
    networks.put("resnet56", BasicResNet.resNet56().network(1));
    if (run.quick()) {
      return networks;
    }
    networks.put("vgg13", Vgg.vgg13().network(1));
    networks.put("vit-tiny", VisionTransformer.vitTiny(true).network(1));
    networks.put("bert-mini", Bert.bertMini().network(1));
    try (Stream<Path> files = Files.walk(run.data("models"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        networks.put(name.substring(0, name.length() - 5), OnnxModel.read(file));
      }
    }
    return networks;
  }

  /** The largest ratio of any rung at any number of threads. */
  private static double family(Run run, String name, OnnxModel model) throws Exception {
    Path directory = Files.createDirectories(run.directory().resolve(name));
    Path teacher = Files.write(directory.resolve(name + ".onnx"), model.bytes());
    Path train = RandomSamples.write(model, 300, 1, directory.resolve("train.npz"));
    Path validate = RandomSamples.write(model, 32, 2, directory.resolve("validate.npz"));
    InheritOptions options =
        new InheritOptions(
            LadderOptions.of(run.quick() ? 3 : 6),
            MethodOptions.of(Method.HEIRLOOM),
            OptionalInt.of(0),
            1,
            "cpu",
            2);
    Path out = directory.resolve("family");
    Inheritance.run(
        teacher,
        train.toString(),
        validate.toString(),
        List.of(),
        out,
        options,
        new QuietProgress(run.interrupted()));
    Family family = Family.open(out);
    List<byte[]> heirs = new ArrayList<>();
    for (int rung = 1; rung <= family.ladder().size(); rung++) {
      heirs.add(HeirAssembler.assemble(family.manifest(), rung, family.blobs()));
    }
    double worst = 0;
    for (int threads : THREADS) {
      List<Double> ratios = ratios(run, model, heirs, threads);
      run.say()
          .accept(
              String.format(
                  Locale.ROOT,
                  "%s, %d thread%s: %s",
                  name,
                  threads,
                  threads == 1 ? "" : "s",
                  ratios.stream().map(r -> String.format(Locale.ROOT, "%.2f", r)).toList()));
      worst = Math.max(worst, ratios.stream().mapToDouble(Double::doubleValue).max().orElse(0));
    }
    return worst;
  }

  /** Medians over the teacher's, of heirs that run in turn with it; the median of some repeats. */
  private static List<Double> ratios(Run run, OnnxModel teacher, List<byte[]> heirs, int threads)
      throws Exception {
    Map<String, TensorValue> sample = sample(run, teacher);
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      sessions.add(OnnxSession.open(teacher.bytes(), SessionSettings.cpu(threads)));
      for (byte[] heir : heirs) {
        sessions.add(OnnxSession.open(heir, SessionSettings.cpu(threads)));
      }
      double[][] repeats = new double[heirs.size()][REPEATS];
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        run.check();
        List<Latency.Summary> summaries =
            Latency.interleaved(sessions, sample, WARM_UP, run.quick() ? QUICK_ROUNDS : ROUNDS);
        for (int heir = 0; heir < heirs.size(); heir++) {
          repeats[heir][repeat] =
              (double) summaries.get(heir + 1).p50Ns() / summaries.get(0).p50Ns();
        }
      }
      return Arrays.stream(repeats)
          .map(
              of -> {
                Arrays.sort(of);
                return of[REPEATS / 2];
              })
          .toList();
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  private static Map<String, TensorValue> sample(Run run, OnnxModel model)
      throws IOException, MalformedException, SessionException {
    Path file = RandomSamples.write(model, 1, 3, run.directory().resolve("one.npz"));
    SampleSet one = SampleFiles.read(file.toString(), model.inputs());
    Preprocessor preprocessor =
        new Preprocessor(Preprocessor.of(one, model.inputs(), Map.of()), model.inputs());
    return preprocessor.batch(one, new int[] {0});
  }
}
