package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import picocli.CommandLine.Option;

/** The control plane that a command talks to. */
final class ControlPlaneOption {
  @Option(
      names = "--control-plane",
      required = true,
      paramLabel = "HOST:PORT",
      converter = HostPort.Converter.class,
      description = "Where its gRPC port is.")
  private HostPort address = new HostPort("localhost", ControlPlaneCommand.GRPC_PORT);

  /** What is asked of the control plane. */
  interface Question<T> {
    T ask(ControlPlaneClient client) throws Exception;
  }

  HostPort address() {
    return address;
  }

  /** Opens a connection, which the caller closes. */
  ControlPlaneClient open() {
    return new ControlPlaneClient(address);
  }

  /**
   * Asks the control plane.
   *
   * @throws CommandException where it does not answer, or refuses
   */
  <T> T ask(Question<T> question) throws Exception {
    try (ControlPlaneClient client = open()) {
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
