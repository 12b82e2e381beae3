package dev.heirloom.bench;

import dev.heirloom.actors.adaptation.RungLatencies;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.graph.OnnxModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How well micro-probes tell a device's latency at rungs that it never ran: four families without
 * fine-tune are made here, their ladders timed by the maker on one thread and on two; then, for
 * each family and thread setting, a fresh process like an agent's runs the probes, every rung's
 * median is predicted, and another process runs the rungs, a block of each in turn.
 *
 * <p>Figures: {@code within_10_percent}, the share of the rungs whose median is predicted within a
 * tenth, and {@code error_p50}, {@code _p90} and {@code _worst} of the relative error. The same of
 * the ladder's own latency, without probes: {@code ladder_...}. The same where the maker had been
 * timed under the other thread setting only: {@code other_threads_...}, and then without probes:
 * {@code other_threads_ladder_...}. {@code probe_s}, the longest that a device took for its probes.
 */
final class PredictionBenchmark implements Benchmark {
  private static final List<String> TEACHERS =
      List.of("fashion-resnet14", "digits-seen-and-heard", "sentences-gpt", "trec-transformer");
  private static final int RUNGS = 6;
  private static final int ROUNDS = 40;
  private static final int QUICK_ROUNDS = 10;
  private static final double TOLERANCE = 0.1;

  @Override
  public String name() {
    return "prediction";
  }

  @Override
  public String description() {
    return "latency of rungs that were never run, predicted from micro-probes";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atLeast("within_10_percent", 0.9),
        Goal.atMost("probes", ProbeTimes.MOST),
        Goal.atMost("probe_s", 2));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Errors predicted = new Errors("");
    Errors ladder = new Errors("ladder_");
    Errors otherProbed = new Errors("other_threads_");
    Errors otherLadder = new Errors("other_threads_ladder_");
    int rungs = 0;
    double probeSeconds = 0;
    int probes = 0;
    for (String teacher : run.quick() ? TEACHERS.subList(0, 2) : TEACHERS) {
      Made made = make(run, teacher);
      for (int threads = 1; threads <= 2; threads++) {
        run.check();
        DeviceTrial device = new DeviceTrial(List.of(), threads);
        DeviceTrial.Probed probed = device.probes();
        ProbeTimes times = probed.times();
        probeSeconds = Math.max(probeSeconds, probed.tookNs() / 1e9);
        probes = times.ns().size();
        List<Long> measured =
            device.times(run.quick() ? QUICK_ROUNDS : ROUNDS, made.samples(), made.heirs());
        Ladder own = made.timedWith(threads);
        Ladder other = made.timedWith(3 - threads);
        List<String> words = new ArrayList<>();
        for (int rung = 1; rung <= made.ladder().size(); rung++) {
          long p50Ns = measured.get(rung - 1);
          rungs++;
          long expectedNs = expected(made.ladder(), times, threads, rung);
          predicted.add(expectedNs, p50Ns);
          ladder.add(own.timings().get(0).rung(rung).p50Ns(), p50Ns);
          otherProbed.add(expected(other, times, threads, rung), p50Ns);
          otherLadder.add(other.timings().get(0).rung(rung).p50Ns(), p50Ns);
          words.add(
              String.format(
                  Locale.ROOT,
                  "%.3f (%.3f, %.3f)",
                  p50Ns / 1e6,
                  expectedNs / 1e6,
                  expected(other, times, threads, rung) / 1e6));
        }
        run.say()
            .accept(
                teacher
                    + ", threads "
                    + threads
                    + ", ms measured (predicted, from the other thread setting): "
                    + String.join(", ", words));
        run.say()
            .accept(
                "micro-probes, ns: maker %s, device %s"
                    .formatted(own.timings().get(0).probes().ns(), times.ns()));
      }
    }
    Figures figures = Figures.none();
    for (Errors errors : List.of(predicted, ladder, otherProbed, otherLadder)) {
      figures = errors.in(figures);
    }
    return figures.with("rungs", rungs).with("probes", probes).with("probe_s", probeSeconds);
  }

  private static long expected(Ladder ladder, ProbeTimes times, int threads, int rung) {
    DeviceProfile profile = new DeviceProfile("", 0, 0, List.of(), Map.of(), "", threads, times);
    return RungLatencies.expected(ladder, profile).orElseThrow().p50Ns(rung);
  }

  /** A family on disk, as a device would hold it. */
  private record Made(Ladder ladder, Path samples, List<Path> heirs) {

    /** The ladder as if its maker had been timed under one thread setting only. */
    Ladder timedWith(int threads) {
      return new Ladder(
          ladder.rungs(),
          ladder.timings().stream().filter(timing -> timing.threads() == threads).toList());
    }
  }

  private static Made make(Run run, String name) throws Exception {
    OnnxModel model = OnnxModel.read(run.data("models/" + name + ".onnx"));
    Path directory = Files.createDirectories(run.directory().resolve(name));
    Path train = RandomSamples.write(model, 300, 1, directory.resolve("train.npz"));
    Path validate = RandomSamples.write(model, 32, 2, directory.resolve("validate.npz"));
    InheritOptions options =
        new InheritOptions(
            LadderOptions.of(RUNGS),
            MethodOptions.of(Method.HEIRLOOM),
            OptionalInt.of(0),
            1,
            "cpu",
            2);
    Path out = directory.resolve("family");
    Inheritance.run(
        run.data("models/" + name + ".onnx"),
        train.toString(),
        validate.toString(),
        List.of(),
        out,
        options,
        new QuietProgress(run.interrupted()));
    Family family = Family.open(out);
    List<Path> heirs = new ArrayList<>();
    for (int rung = 1; rung <= family.ladder().size(); rung++) {
      byte[] heir = HeirAssembler.assemble(family.manifest(), rung, family.blobs());
      heirs.add(Files.write(directory.resolve("rung" + rung + ".onnx"), heir));
    }
    return new Made(family.ladder(), validate, heirs);
  }

  /** Relative errors of one way to predict. */
  private static final class Errors {
    private final String prefix;
    private final List<Double> errors = new ArrayList<>();

    Errors(String prefix) {
      this.prefix = prefix;
    }

    void add(long expectedNs, long measuredNs) {
      errors.add(Math.abs((double) expectedNs / measuredNs - 1));
    }

    Figures in(Figures figures) {
      List<Double> sorted = errors.stream().sorted().toList();
      double within = errors.stream().filter(error -> error <= TOLERANCE).count();
      return figures
          .with(prefix + "within_10_percent", within / errors.size())
          .with(prefix + "error_p50", sorted.get(sorted.size() / 2))
          .with(prefix + "error_p90", sorted.get((int) (0.9 * (sorted.size() - 1))))
          .with(prefix + "error_worst", sorted.get(sorted.size() - 1));
    }
  }
}
