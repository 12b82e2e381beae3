package dev.heirloom.control.cli.rollouts;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.Rollout;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom rollouts list}: every rollout, the newest on top. */
@Command(name = "list", description = "Lists the rollouts, the newest on top.")
final class RolloutsListCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print them as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  RolloutsListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<Rollout> rollouts = plane.ask(client -> client.rollouts().list());
    context.result(RolloutTexts.table(rollouts));
    if (json) {
      ObjectNode all = JsonNodeFactory.instance.objectNode();
      var list = all.putArray("rollouts");
      rollouts.forEach(rollout -> list.add(RolloutJson.of(rollout)));
      context.result(all);
    }
    return 0;
  }
}
