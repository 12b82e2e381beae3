package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom publish}: a family from this disk to a control plane. */
@Command(name = "publish", description = "Brings a family to a control plane.")
final class PublishCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FAMILY", description = "Directory that inherit wrote.")
  private Path directory = Path.of("");

  @Option(
      names = "--control-plane",
      required = true,
      paramLabel = "HOST:PORT",
      converter = HostPort.Converter.class,
      description = "Where its gRPC port is.")
  private HostPort address = new HostPort("localhost", ControlPlaneCommand.GRPC_PORT);

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  PublishCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Family family = Family.open(directory);
    PublishResponse answer;
    try (ControlPlaneClient client = new ControlPlaneClient(address)) {
      answer = Publication.publish(client, family, sent -> {});
    } catch (ControlPlaneException e) {
      throw refusal(e);
    }
    context.result(
        "published "
            + answer.getFamily()
            + " ("
            + family.digest().hex().substring(0, 12)
            + ") at "
            + address
            + ", "
            + Figures.bytes(answer.getReceivedBytes())
            + " sent");
    return 0;
  }

  private CommandException refusal(ControlPlaneException thrown) {
    String said = String.valueOf(thrown.getMessage());
    return thrown.unreachable()
        ? new CommandException(
            said, "'heirloom control-plane' starts one; --control-plane names its gRPC port.")
        : new CommandException(said);
  }
}
