package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.LimitOptions;
import dev.heirloom.proto.v1.BudgetChange;
import dev.heirloom.proto.v1.Limits;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code heirloom devices budget}: limits for these very devices, or none of an operator's. */
@Command(
    name = "budget",
    description = {
      "Sets limits for these very devices, above those of rules and agents.",
      "A limit that is not given is left to these; 'none' lifts it."
    })
final class BudgetCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Mixin private TargetOptions targets = new TargetOptions();

  @Mixin private LimitOptions limits = new LimitOptions();

  @Option(names = "--clear", description = "Give the budget back to rules and agents.")
  private boolean clear;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  BudgetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (clear && !limits.given().equals(Limits.getDefaultInstance())) {
      throw new ParameterException(spec.commandLine(), "--clear is given beside a limit");
    }
    BudgetChange.Builder change = BudgetChange.newBuilder();
    if (!clear) {
      change.setLimits(limits.required());
    }
    return Changes.run(
        context,
        plane,
        targets,
        targets.request().setBudget(change).build(),
        clear ? "given back to rules and agents" : "given a budget");
  }
}
