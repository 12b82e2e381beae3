package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.DevicesClient;
import dev.heirloom.proto.v1.Device;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom devices show}: one device, and every decision about it with its reason. */
@Command(name = "show", description = "Shows a device, and the decisions about it with reasons.")
final class ShowCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "NAME", description = "Of the device.")
  private String name = "";

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  ShowCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Device device = plane.ask(client -> new DevicesClient(client).get(name));
    context.result(json ? DeviceTexts.json(device) : DevicePage.text(device));
    return ExitCodes.DONE;
  }
}
