package dev.heirloom.control.cli.devices;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom devices watch}: every device once, then each change, until Ctrl-C. */
@Command(name = "watch", description = "Prints every device once, then each change, until Ctrl-C.")
final class WatchCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(
      names = "--selector",
      paramLabel = "K=V",
      description = "A label that a device must have; repeated, all of them.")
  private Map<String, String> selector = new LinkedHashMap<>();

  @Option(names = "--json", description = "Print one JSON object for each change.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  WatchCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    return Watching.run(context, plane, selector, json, true);
  }
}
