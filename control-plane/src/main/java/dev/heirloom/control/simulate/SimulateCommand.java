package dev.heirloom.control.simulate;

import dev.heirloom.actors.simulation.Conditions;
import dev.heirloom.actors.simulation.Scenario;
import dev.heirloom.actors.simulation.Strategies;
import dev.heirloom.actors.simulation.Strategy;
import dev.heirloom.actors.simulation.Tournament;
import dev.heirloom.control.cli.AtomicFile;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.Context;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.text.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom simulate}: a fleet in numbers under the real rank policy and under others. */
@Command(
    name = "simulate",
    description = {
      "Runs a simulated fleet under the real rank policy and under other strategies.",
      "The same seeds make the same fleets, and the same figures.",
    },
    footer = {
      "",
      "Policies: heirloom, rung-K, aimd, hill, table, oracle-held, oracle, oracle-P (P % of headroom). --set changes",
      "what the fleet is exposed to, e.g. --set steps.perDay=6; docs/explanation/simulator.md has all.",
    })
public final class SimulateCommand implements Callable<Integer> {
  private static final int MOST_THREADS = 256;

  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--devices", paramLabel = "N", description = "(${DEFAULT-VALUE}).")
  private int devices = 1000;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Device classes; devices are spread evenly (${DEFAULT-VALUE}).")
  private int classes = 8;

  @Option(
      names = "--unseen",
      paramLabel = "N",
      description = "Classes of which no device ran before the start (a quarter of them).")
  private @Nullable Integer unseen;

  @Option(names = "--hours", paramLabel = "H", description = "Simulated time (${DEFAULT-VALUE}).")
  private double hours = 24;

  @Option(
      names = "--window",
      paramLabel = "SECONDS",
      description = "Length of a report window (${DEFAULT-VALUE}).")
  private double windowSeconds = 60;

  @Option(
      names = {"--seeds", "--seed"},
      split = ",",
      paramLabel = "N",
      description = "One fleet for each (1).")
  private List<Long> seeds = List.of(1L);

  @Option(
      names = "--policies",
      split = ",",
      paramLabel = "NAME",
      description = "Which ones, as below (all, with rung-K at the ladder's ends and middle).")
  private List<String> policies = List.of();

  @Option(
      names = "--family",
      paramLabel = "DIR",
      description = "Family whose ladder is served (a built-in one of eight rungs).")
  private @Nullable Path family;

  @Option(
      names = "--budget-latency",
      paramLabel = "TIME",
      description = "p95 budget of every device, e.g. 20ms (drawn for each device).")
  private @Nullable String budgetLatency;

  @Option(
      names = "--set",
      paramLabel = "CONDITION=VALUE",
      description = "Changes a condition; may be repeated.")
  private Map<String, Double> set = new LinkedHashMap<>();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Runs at a time; changes no figure (this machine's cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Directory for report.html, charts as PNG, results.json and two CSV files.")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print the figures as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--quiet", description = "Say nothing while it runs.")
  private boolean quiet;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  public SimulateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Ladder ladder = ladder();
    Scenario scenario = scenario(ladder);
    List<Strategy> strategies = strategies(ladder.size());
    if (threads < 1 || threads > MOST_THREADS) {
      throw refused("--threads: " + threads + " (expected: 1.." + MOST_THREADS + ")");
    }
    if (out != null) {
      prepare(out);
    }
    Tournament tournament = new Tournament(scenario, seeds, strategies);
    SimulationProgress progress =
        new SimulationProgress(context.streams(), quiet, tournament.runs(), System::nanoTime);
    List<Tournament.Result> results;
    try {
      results = tournament.run(threads, progress::finished, context.interruption()::requested);
    } finally {
      progress.close();
    }
    SimulationResult result = new SimulationResult(scenario, ladderName(), seeds, results);
    context.result(SimulationTexts.table(result));
    context.result(SimulationTexts.apart(result));
    if (out != null) {
      SimulationReport.write(result, out).forEach(context.streams().messages()::println);
      context.result("report " + out.resolve(SimulationReport.PAGE));
    }
    if (json) {
      context.result(SimulationTexts.json(result));
    }
    return 0;
  }

  private String ladderName() {
    return family == null ? "built in" : family.toString();
  }

  private Ladder ladder() throws Exception {
    if (family == null) {
      return Scenario.LADDER;
    }
    Ladder ladder = Ladder.of(Family.open(family).manifest());
    if (ladder.rungs().stream().mapToLong(RungFigures::latencyP50Ns).anyMatch(ns -> ns == 0)) {
      throw new CommandException("--family: the rungs of " + family + " were not timed");
    }
    return ladder;
  }

  private Scenario scenario(Ladder ladder) {
    try {
      return new Scenario(
          ladder,
          devices,
          classes,
          unseen == null ? classes / 4 : unseen,
          Scenario.PIONEERS,
          Scenario.HISTORY,
          time("hours", hours * 3600),
          time("window", windowSeconds),
          budgetNs(),
          conditions());
    } catch (IllegalArgumentException e) {
      throw refused("--" + e.getMessage());
    }
  }

  private long budgetNs() {
    if (budgetLatency == null) {
      return 0;
    }
    try {
      return Quantity.duration(budgetLatency).toNanos();
    } catch (IllegalArgumentException e) {
      throw refused("--budget-latency: " + e.getMessage());
    }
  }

  private Conditions conditions() {
    Conditions conditions = Conditions.usual();
    try {
      for (Map.Entry<String, Double> change : set.entrySet()) {
        conditions = conditions.with(change.getKey(), change.getValue());
      }
    } catch (IllegalArgumentException e) {
      throw refused("--set: " + e.getMessage());
    }
    return conditions;
  }

  private static Duration time(String option, double seconds) {
    double longest = Duration.ofDays(366).toSeconds();
    if (!(seconds > 0 && seconds <= longest)) {
      throw new IllegalArgumentException(
          option + ": " + seconds + " s (expected: above 0, at most a year)");
    }
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private List<Strategy> strategies(int rungs) {
    if (policies.isEmpty()) {
      return Strategies.all(rungs);
    }
    Map<String, Strategy> chosen = new LinkedHashMap<>();
    for (String name : policies) {
      Strategy strategy =
          Strategies.named(name.strip(), rungs)
              .orElseThrow(
                  () -> refused("--policies: '" + name + "' (expected: " + names(rungs) + ")"));
      chosen.put(strategy.name(), strategy);
    }
    return List.copyOf(chosen.values());
  }

  private static String names(int rungs) {
    List<String> names = new ArrayList<>();
    Strategies.all(rungs).stream()
        .map(Strategy::name)
        .filter(name -> !name.startsWith("rung-"))
        .forEach(names::add);
    return String.join(", ", names) + ", rung-1 to rung-" + rungs;
  }

  private static void prepare(Path directory) throws IOException, CommandException {
    Files.createDirectories(directory);
    if (!Files.isWritable(AtomicFile.parent(directory.resolve(SimulationReport.PAGE)))) {
      throw new CommandException("--out: " + directory + " cannot be written to");
    }
  }

  private ParameterException refused(String line) {
    return new ParameterException(spec.commandLine(), line);
  }
}
