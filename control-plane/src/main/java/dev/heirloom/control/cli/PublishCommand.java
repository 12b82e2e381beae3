package dev.heirloom.control.cli;

import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom publish}: a family from this disk to a control plane. */
@Command(name = "publish", description = "Brings a family to a control plane.")
final class PublishCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FAMILY", description = "Directory that inherit wrote.")
  private Path directory = Path.of("");

  @Option(
      names = "--hold",
      description = "Devices do not take it by themselves; a rollout brings it to them.")
  private boolean hold;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  PublishCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Family family = Family.open(directory);
    PublishResponse answer =
        plane.ask(client -> Publication.publish(client, family, hold, sent -> {}));
    context.result(
        "published "
            + answer.getFamily()
            + " ("
            + family.digest().hex().substring(0, 12)
            + ") at "
            + plane.address()
            + ", "
            + Figures.bytes(answer.getReceivedBytes())
            + " sent"
            + (answer.getCurrent() ? "" : ", held: devices do not take it by themselves"));
    return 0;
  }
}
