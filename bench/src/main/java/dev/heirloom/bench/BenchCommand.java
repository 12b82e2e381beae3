package dev.heirloom.bench;

import dev.heirloom.control.cli.AtomicFile;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.demo.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom bench}: lists the benchmarks or runs one. */
@Command(name = "bench", description = "Runs a benchmark.")
final class BenchCommand implements Callable<Integer> {
  private static final String LIST = "list";

  private final Context context;

  @Parameters(paramLabel = "list|NAME", description = "Which one; 'list' names them.")
  private String name = LIST;

  @Option(names = "--quick", description = "End within a minute, with fewer repetitions.")
  private boolean quick;

  @Option(names = "--record", description = "Keep the figures in bench/results/NAME.json.")
  private boolean record;

  @Option(names = "--json", description = "Print the figures as one JSON object on the last line.")
  private boolean json;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Another seed than the benchmark's own (message-fuzz).")
  private @Nullable Long seed;

  @Option(
      names = "--only",
      paramLabel = "N",
      description = "Repeat only what has this number (message-fuzz).")
  private @Nullable Long only;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  BenchCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (name.equals(LIST)) {
      int width = Benchmark.all().stream().mapToInt(bench -> bench.name().length()).max().orElse(0);
      Benchmark.all().stream()
          .map(bench -> String.format("%-" + width + "s   %s", bench.name(), bench.description()))
          .forEach(context::result);
      return 0;
    }
    Benchmark benchmark =
        Benchmark.all().stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new CommandException(
                        "no benchmark is called " + name, "'heirloom bench list' names them."));
    Report report = run(benchmark);
    context.result(report.table());
    if (record) {
      keep(report);
    }
    if (json) {
      context.result(report.json());
    }
    return 0;
  }

  private Report run(Benchmark benchmark) throws Exception {
    try (Workspace workspace = Workspace.temporary("heirloom-bench-")) {
      Run run =
          new Run(
              quick,
              workspace.directory(),
              context.streams().messages()::println,
              context.interruption()::requested,
              given(seed),
              given(only));
      Figures figures = benchmark.run(run);
      return new Report(
          benchmark.name(),
          System.getProperty("heirloom.commit", "unknown"),
          Machine.here(),
          figures,
          benchmark.goals());
    }
  }

  private static OptionalLong given(@Nullable Long option) {
    return option == null ? OptionalLong.empty() : OptionalLong.of(option);
  }

  private void keep(Report report) throws IOException, CommandException {
    Path launcher = Path.of(Run.launcherPath());
    Path results = launcher.resolveSibling("bench").resolve("results");
    Files.createDirectories(results);
    Path file = results.resolve(report.benchmark() + ".json");
    AtomicFile.write(file, (report.json() + "\n").getBytes(StandardCharsets.UTF_8));
    context.streams().messages().println("recorded in " + file);
  }
}
