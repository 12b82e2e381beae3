package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "The fleet's authority (ca.crt), where the control plane speaks TLS (HEIRLOOM_CA).")
  private @Nullable Path authority;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "File with the token that says who asks (HEIRLOOM_TOKEN holds the token).")
  private @Nullable Path tokenFile;

  /** What is asked of the control plane. */
  public interface Question<T> {
    T ask(ControlPlaneClient client) throws Exception;
  }

  /** Where it listens. */
  public HostPort address() {
    return address;
  }

  /** A connection, with what the options and the environment say of who asks. */
  public ControlPlaneClient connect() throws CommandException {
    return new ControlPlaneClient(
        address, ClientAccess.of(address, authority, tokenFile, System.getenv()));
  }

  /**
   * Asks the control plane.
   *
   * @throws CommandException where it does not answer, or refuses
   */
  public <T> T ask(Question<T> question) throws Exception {
    try (ControlPlaneClient client = connect()) {
      return question.ask(client);
    } catch (ControlPlaneException e) {
      String said = String.valueOf(e.getMessage());
      throw e.unreachable()
          ? new CommandException(
              ExitCodes.UNREACHABLE,
              said,
              "'heirloom control-plane' starts one; --control-plane names its gRPC port.")
          : new CommandException(e.notFound() ? ExitCodes.NOT_FOUND : ExitCodes.REFUSED, said);
    }
  }
}
