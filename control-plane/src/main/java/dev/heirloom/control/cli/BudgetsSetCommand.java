package dev.heirloom.control.cli;

import dev.heirloom.proto.v1.BudgetRule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom budgets set}: a rule, new or in the place of the one of the same name. */
@Command(
    name = "set",
    description = {
      "Makes a rule, or replaces the one of that name.",
      "A limit that is not given is left to the other rules and to the agents; 'none' lifts it."
    })
final class BudgetsSetCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "NAME", description = "Of the rule.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(
      names = "--label",
      paramLabel = "K=V",
      description = "A label that a device must have; repeated, all of them (every device).")
  private Map<String, String> selector = new LinkedHashMap<>();

  @Mixin private LimitOptions limits = new LimitOptions();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  BudgetsSetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    BudgetRule rule =
        BudgetRule.newBuilder()
            .setName(name)
            .putAllSelector(selector)
            .setLimits(limits.required())
            .build();
    context.result(BudgetTexts.rules(plane.ask(client -> client.setBudgetRule(rule))));
    return 0;
  }
}
