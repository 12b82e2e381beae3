package dev.heirloom.control.cli;

import dev.heirloom.proto.v1.BudgetRule;
import dev.heirloom.proto.v1.Limits;
import dev.heirloom.runtime.text.Quantity;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heirloom budgets set}: a rule, new or in the place of the one of the same name. */
@Command(
    name = "set",
    description = {
      "Makes a rule, or replaces the one of that name.",
      "A limit that is not given is left to the other rules and to the agents; 'none' lifts it."
    })
final class BudgetsSetCommand implements Callable<Integer> {
  private static final String NONE = "none";

  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "Of the rule.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(
      names = "--label",
      paramLabel = "K=V",
      description = "A label that a device must have; repeated, all of them (every device).")
  private Map<String, String> selector = new LinkedHashMap<>();

  @Option(
      names = "--p95-budget",
      paramLabel = "TIME",
      description = "95th percentile of the request latency, e.g. 5ms.")
  private @Nullable String p95;

  @Option(names = "--memory-budget", paramLabel = "SIZE", description = "Memory, e.g. 64MB.")
  private @Nullable String memory;

  @Option(names = "--size-budget", paramLabel = "SIZE", description = "Bytes of blobs, e.g. 20MB.")
  private @Nullable String size;

  @Option(names = "--least-accuracy", paramLabel = "A", description = "0 to 1, e.g. 0.9.")
  private @Nullable String accuracy;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  BudgetsSetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    BudgetRule rule =
        BudgetRule.newBuilder().setName(name).putAllSelector(selector).setLimits(limits()).build();
    context.result(BudgetTexts.rules(plane.ask(client -> client.setBudgetRule(rule))));
    return 0;
  }

  private Limits limits() {
    Limits.Builder limits = Limits.newBuilder();
    if (p95 != null) {
      limits.setP95LatencyNs(
          limit("--p95-budget", p95, 0L, text -> Quantity.duration(text).toNanos()));
    }
    if (memory != null) {
      limits.setMemoryBytes(limit("--memory-budget", memory, 0L, Quantity::bytes));
    }
    if (size != null) {
      limits.setSizeBytes(limit("--size-budget", size, 0L, Quantity::bytes));
    }
    if (accuracy != null) {
      limits.setLeastAccuracy(limit("--least-accuracy", accuracy, 0.0, BudgetsSetCommand::share));
    }
    if (limits.build().equals(Limits.getDefaultInstance())) {
      throw new ParameterException(
          spec.commandLine(), "no limit was given (expected: --p95-budget or another)");
    }
    return limits.build();
  }

  private <T> T limit(String option, String text, T none, Function<String, T> reader) {
    try {
      return text.equals(NONE) ? none : reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage());
    }
  }

  private static double share(String text) {
    // A pattern, not a parser: that would take "1e-1d" and "NaN".
    if (!text.matches("0(\\.\\d{1,9})?|1(\\.0{1,9})?")) {
      throw new IllegalArgumentException("'" + text + "' (expected: 0..1)");
    }
    return Double.parseDouble(text);
  }
}
