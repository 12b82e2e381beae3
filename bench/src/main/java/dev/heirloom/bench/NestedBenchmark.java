package dev.heirloom.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.InheritReport;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.inheritance.Progress;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.file.DurableFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One fine-tune for every rung against one for each: 8 rungs trained together, and each alone with
 * the same ranks, start, number of steps and seed.
 *
 * <p>Figures: {@code worst_gap_points}, how many points of test accuracy the worst rung of any
 * teacher lacks against itself trained alone, mean over the seeds, and {@code cost_ratio},
 * processor seconds of the fine-tune of all rungs over those of the largest rung alone, the larger
 * of the teachers'; both also per teacher. A run that is done is kept below {@code
 * bench/results/nested-cells}, so that the benchmark can be done in pieces. A quick run takes one
 * seed, three rungs and five steps, and keeps nothing.
 */
final class NestedBenchmark implements Benchmark {
  private static final int RUNGS = 8;
  private static final int SEEDS = 3;
  private static final int STEPS = 300;

  @Override
  public String name() {
    return "nested";
  }

  @Override
  public String description() {
    return "accuracy of rungs that are trained together against each trained alone";
  }

  @Override
  public List<Goal> goals() {
    return List.of(Goal.atMost("worst_gap_points", 0.5), Goal.atMost("cost_ratio", 2));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Figures figures = Figures.none();
    double worst = Double.NEGATIVE_INFINITY;
    double cost = 0;
    for (SharedTeacher teacher : List.of(SharedTeacher.FASHION, SharedTeacher.SENTENCES)) {
      Pair pair = new Together(run, teacher).measure();
      figures =
          figures
              .with(teacher.figure() + "_worst_gap_points", pair.gap)
              .with(teacher.figure() + "_cost_ratio", pair.cost);
      worst = Math.max(worst, pair.gap);
      cost = Math.max(cost, pair.cost);
    }
    return figures.with("worst_gap_points", worst).with("cost_ratio", cost);
  }

  private record Pair(double gap, double cost) {}

  /** One run: test accuracy per rung, and processor seconds of the fine-tune. */
  private record Cell(List<Double> accuracies, double seconds) {}

  /** All runs of one teacher. */
  private static final class Together {
    private final Run run;
    private final SharedTeacher teacher;
    private final Path kept;
    private final int steps;
    private final int seeds;

    Together(Run run, SharedTeacher teacher) throws Exception {
      this.run = run;
      this.teacher = teacher;
      this.steps = run.quick() ? 5 : STEPS;
      this.seeds = run.quick() ? 1 : SEEDS;
      this.kept =
          run.quick()
              ? run.directory().resolve("cells")
              : Path.of(run.launcher()).resolveSibling("bench/results/nested-cells");
      Files.createDirectories(kept);
    }

    Pair measure() throws Exception {
      List<Map<String, Integer>> ladder = ladder();
      double[] gaps = new double[ladder.size()];
      double together = 0;
      double largest = 0;
      for (int seed = 1; seed <= seeds; seed++) {
        Cell all = cell("all", ladder, seed);
        together += all.seconds;
        for (int rung = 0; rung < ladder.size(); rung++) {
          Cell alone = cell("rung" + (rung + 1), List.of(ladder.get(rung)), seed);
          gaps[rung] += 100 * (alone.accuracies.get(0) - all.accuracies.get(rung)) / seeds;
          largest += rung == ladder.size() - 1 ? alone.seconds : 0;
        }
      }
      double worst = Double.NEGATIVE_INFINITY;
      for (int rung = 0; rung < gaps.length; rung++) {
        run.say()
            .accept("%s, rung %d: %.2f points".formatted(teacher.name(), rung + 1, gaps[rung]));
        worst = Math.max(worst, gaps[rung]);
      }
      return new Pair(worst, together / largest);
    }

    /** The ladder that every run takes: chosen once, without training. */
    private List<Map<String, Integer>> ladder() throws Exception {
      Path file = kept.resolve(teacher.name() + "-ladder.json");
      ObjectMapper json = new ObjectMapper();
      if (!Files.exists(file)) {
        InheritReport report =
            inherit(
                LadderOptions.of(run.quick() ? 3 : RUNGS),
                0,
                1,
                "ladder",
                new QuietProgress(run.interrupted()));
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (RungFigures rung : report.rungs()) {
          ObjectNode ranks = node.withArray("rungs").addObject();
          for (int layer = 0; layer < report.layers().size(); layer++) {
            ranks.put(report.layers().get(layer), rung.ranks().get(layer));
          }
        }
        DurableFiles.write(file, (node + "\n").getBytes(StandardCharsets.UTF_8));
      }
      List<Map<String, Integer>> ladder = new ArrayList<>();
      for (JsonNode rung : json.readTree(Files.readString(file)).path("rungs")) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        rung.properties().forEach(entry -> ranks.put(entry.getKey(), entry.getValue().asInt()));
        ladder.add(ranks);
      }
      return ladder;
    }

    private Cell cell(String name, List<Map<String, Integer>> ladder, int seed) throws Exception {
      run.check();
      Path file = kept.resolve("%s-%s-seed%d.json".formatted(teacher.name(), name, seed));
      Optional<Cell> known = known(file);
      if (known.isPresent()) {
        return known.get();
      }
      run.say().accept("%s, %s, seed %d".formatted(teacher.name(), name, seed));
      FineTuneCost cost = new FineTuneCost(run.interrupted());
      InheritReport report = inherit(LadderOptions.given(ladder), steps, seed, name + seed, cost);
      ObjectNode node = JsonNodeFactory.instance.objectNode().put("steps", steps);
      report.rungs().forEach(rung -> node.withArray("accuracies").add(rung.accuracy()));
      node.put("seconds", cost.seconds());
      DurableFiles.write(file, (node + "\n").getBytes(StandardCharsets.UTF_8));
      return known(file).orElseThrow();
    }

    private Optional<Cell> known(Path file) throws Exception {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      JsonNode node = new ObjectMapper().readTree(Files.readString(file));
      if (node.path("steps").asInt() != steps) {
        return Optional.empty();
      }
      List<Double> accuracies = new ArrayList<>();
      node.path("accuracies").forEach(accuracy -> accuracies.add(accuracy.asDouble()));
      return Optional.of(new Cell(accuracies, node.path("seconds").asDouble()));
    }

    private InheritReport inherit(
        LadderOptions ladder, int steps, int seed, String name, Progress progress)
        throws Exception {
      Path out = run.directory().resolve(teacher.name() + "-" + name);
      return Inheritance.run(
          teacher.file(run),
          teacher.trainSpec(run),
          teacher.validateSpec(run),
          teacher.normalize(),
          out,
          new InheritOptions(
              ladder,
              MethodOptions.of(Method.HEIRLOOM),
              OptionalInt.of(steps),
              seed,
              "cpu",
              Runtime.getRuntime().availableProcessors()),
          progress);
    }
  }
}
