package dev.heirloom.control.cli.access;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ControlPlaneOption;
import dev.heirloom.proto.v1.AuditEntry;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom audit}: who did what. */
@Command(name = "audit", description = "Shows who did what, newest first.")
public final class AuditCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--last", paramLabel = "N", description = "Entries (${DEFAULT-VALUE}).")
  private int last = 50;

  @Mixin private ControlPlaneOption plane = new ControlPlaneOption();

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  public AuditCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    List<AuditEntry> entries = plane.ask(client -> client.access().audit(Math.max(1, last)));
    context.result(json ? AccessJson.audit(entries) : AccessTexts.audit(entries));
    return 0;
  }
}
