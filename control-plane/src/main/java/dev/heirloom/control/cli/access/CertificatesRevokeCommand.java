package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.DeviceCertificate;
import dev.heirloom.proto.v1.RevokeCertificateRequest;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom certificates revoke}: a device is no longer believed; its streams end. */
@Command(
    name = "revoke",
    description = "Revokes a certificate, or all of a device; its streams end.")
final class CertificatesRevokeCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--device", paramLabel = "NAME", description = "All certificates of a device.")
  private String device = "";

  @Option(names = "--serial", paramLabel = "NUMBER", description = "One certificate.")
  private String serial = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  CertificatesRevokeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    RevokeCertificateRequest which =
        RevokeCertificateRequest.newBuilder().setDevice(device).setSerial(serial).build();
    List<DeviceCertificate> revoked = plane.ask(client -> client.access().revoke(which));
    if (json) {
      context.result(AccessJson.certificates(revoked));
    } else {
      context.result(
          revoked.isEmpty()
              ? device + " has no valid certificate here; any that it was given before is refused"
              : AccessTexts.certificates(revoked));
    }
    return 0;
  }
}
