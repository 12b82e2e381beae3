package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.DevicesClient;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom devices list}: the fleet as a table. */
@Command(name = "list", description = "Lists devices.")
final class ListCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Mixin private ListOptions list = new ListOptions();

  @Option(names = "--json", description = "Print one JSON object for each device.")
  private boolean json;

  @Option(names = "--watch", description = "Then print each device again that changes.")
  private boolean watch;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  ListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    ListOptions.Found found = plane.ask(client -> list.found(new DevicesClient(client)));
    if (json) {
      found.devices().forEach(device -> context.result(DeviceTexts.json(device)));
    } else {
      context.result(DeviceTexts.table(found.devices(), Instant.now()));
      if (found.devices().size() < found.total()) {
        context.result(found.devices().size() + " of " + found.total() + " devices");
      }
    }
    return watch ? Watching.run(context, plane, list.selector(), json, false) : ExitCodes.DONE;
  }
}
