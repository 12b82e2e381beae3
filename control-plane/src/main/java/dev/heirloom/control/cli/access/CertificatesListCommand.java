package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.DeviceCertificate;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom certificates list}: certificates of devices, newest first. */
@Command(name = "list", description = "Shows certificates, newest first.")
final class CertificatesListCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--device", paramLabel = "NAME", description = "Of one device (all).")
  private String device = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  CertificatesListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<DeviceCertificate> found = plane.ask(client -> client.access().certificates(device));
    context.result(json ? AccessJson.certificates(found) : AccessTexts.certificates(found));
    return 0;
  }
}
