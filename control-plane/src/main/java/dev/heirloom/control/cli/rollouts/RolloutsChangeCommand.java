package dev.heirloom.control.cli.rollouts;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.RolloutsClient;
import dev.heirloom.proto.v1.Rollout;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom rollouts pause|resume|abort|retry}: one order about one rollout. */
@Command
final class RolloutsChangeCommand implements Callable<Integer> {
  private final Context context;
  private final Change change;

  @Parameters(paramLabel = "NAME", description = "Of the rollout.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print it as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  /** What is asked of the control plane. */
  interface Change {
    Rollout of(RolloutsClient client, String name) throws ControlPlaneException;
  }

  private RolloutsChangeCommand(Context context, Change change) {
    this.context = context;
    this.change = change;
  }

  static CommandLine line(Context context, String description, Change change) {
    CommandLine line = new CommandLine(new RolloutsChangeCommand(context, change));
    line.getCommandSpec().usageMessage().description(description);
    return line;
  }

  @Override
  public Integer call() throws Exception {
    Rollout rollout = plane.ask(client -> change.of(client.rollouts(), name));
    context.result(RolloutTexts.line(rollout));
    if (json) {
      context.result(RolloutJson.of(rollout));
    }
    return 0;
  }
}
