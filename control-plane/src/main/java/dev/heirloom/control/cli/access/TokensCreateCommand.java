package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.DurationConverter;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.CreateTokenResponse;
import dev.heirloom.proto.v1.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom tokens create}: a token more, told once. */
@Command(name = "create", description = "Makes a token, and tells it this once.")
final class TokensCreateCommand implements Callable<Integer> {
  private final Context context;

  /** What a token permits. */
  enum Permits {
    VIEWER(Role.ROLE_VIEWER),
    OPERATOR(Role.ROLE_OPERATOR),
    ADMIN(Role.ROLE_ADMIN),
    ENROLMENT(Role.ROLE_ENROLMENT),
    TRAINER(Role.ROLE_TRAINER);

    private final Role role;

    Permits(Role role) {
      this.role = role;
    }
  }

  @Parameters(paramLabel = "NAME", description = "Who it is for.")
  private String name = "";

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "viewer, operator, admin, enrolment (for devices), or trainer.")
  private Permits role = Permits.VIEWER;

  @Option(
      names = "--devices",
      paramLabel = "NAME",
      split = ",",
      description =
          "Devices (or trainers) that it is for, e.g. 'eu-*' (all); no calls about the fleet.")
  private List<String> devices = new ArrayList<>();

  @Option(
      names = "--valid",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long, e.g. 12h or 30d (for ever; an enrolment token: a day).")
  private @Nullable Duration valid;

  @Option(
      names = "--uses",
      paramLabel = "N",
      description = "Devices that an enrolment token enrols (1).")
  private int uses;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  TokensCreateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    CreateTokenRequest terms =
        CreateTokenRequest.newBuilder()
            .setName(name)
            .setRole(role.role)
            .addAllDevices(devices)
            .setValidMs(valid == null ? 0 : valid.toMillis())
            .setUses(uses)
            .build();
    CreateTokenResponse made = plane.ask(client -> client.access().create(terms));
    if (json) {
      context.result(AccessJson.created(made));
    } else {
      context.result(made.getSecret());
      context.streams().messages().println("told this once; keep it in a file of its own");
    }
    return 0;
  }
}
