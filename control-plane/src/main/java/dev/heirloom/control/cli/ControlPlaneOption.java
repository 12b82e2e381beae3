package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import picocli.CommandLine.Option;

/** The control plane that a command talks to. */
public final class ControlPlaneOption {
  @Option(
      names = "--control-plane",
      required = true,
      paramLabel = "HOST:PORT",
      converter = HostPort.Converter.class,
      description = "Where its gRPC port is.")
  private HostPort address = new HostPort("localhost", ControlPlaneCommand.GRPC_PORT);

  /** What is asked of the control plane. */
  public interface Question<T> {
    T ask(ControlPlaneClient client) throws Exception;
  }

  /** Where the control plane is. */
  public HostPort address() {
    return address;
  }

  /**
   * Asks the control plane.
   *
   * @throws CommandException where it does not answer, or refuses
   */
  public <T> T ask(Question<T> question) throws Exception {
    try (ControlPlaneClient client = new ControlPlaneClient(address)) {
      return question.ask(client);
    } catch (ControlPlaneException e) {
      String said = String.valueOf(e.getMessage());
      throw e.unreachable()
          ? new CommandException(
              said, "'heirloom control-plane' starts one; --control-plane names its gRPC port.")
          : new CommandException(said);
    }
  }
}
