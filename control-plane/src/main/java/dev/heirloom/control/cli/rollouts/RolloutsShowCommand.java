package dev.heirloom.control.cli.rollouts;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.DevicesClient;
import dev.heirloom.control.cli.grpc.RolloutsClient;
import dev.heirloom.proto.v1.Rollout;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom rollouts show}: one rollout with its groups, gates and decisions. */
@Command(name = "show", description = "Shows one rollout with its groups, gates and decisions.")
final class RolloutsShowCommand implements Callable<Integer> {
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Context context;

  @Parameters(paramLabel = "NAME", description = "Of the rollout.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(
      names = "--watch",
      description = {
        "Go on with a line per decision until it is over;",
        "the exit code is 1 where it was halted or aborted."
      })
  private boolean watch;

  @Option(names = "--json", description = "Print it as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  RolloutsShowCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Rollout rollout = plane.ask(this::shown);
    if (json) {
      context.result(RolloutJson.of(rollout));
    }
    if (watch && !RolloutTexts.over(rollout)) {
      return ExitCodes.INTERRUPTED;
    }
    boolean good = !watch || rollout.getPhase() == Rollout.Phase.PHASE_COMPLETED;
    return good ? ExitCodes.DONE : ExitCodes.REFUSED;
  }

  private Rollout shown(ControlPlaneClient client) throws Exception {
    Rollout rollout = client.rollouts().get(name);
    context.result(RolloutTexts.page(rollout));
    return watch && !RolloutTexts.over(rollout) ? watched(client.rollouts(), rollout) : rollout;
  }

  private Rollout watched(RolloutsClient client, Rollout first) throws Exception {
    Rollout last = first;
    try (DevicesClient.Answers<Rollout> changes = client.watch(name)) {
      while (!RolloutTexts.over(last) && !context.interruption().requested()) {
        Optional<Rollout> next = changes.next(LOOK);
        if (next.isEmpty() && changes.ended()) {
          throw new IOException("the control plane ended the watch");
        }
        if (next.isPresent()) {
          RolloutTexts.news(last, next.get()).forEach(context::result);
          last = next.get();
        }
      }
    }
    return last;
  }
}
