package dev.heirloom.control.demo;

import dev.heirloom.control.cli.Context;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code heirloom demo}: the whole loop on one machine. */
@Command(
    name = "demo",
    description = {
      "Inherits a small teacher, starts a control plane and three agents that serve disturbed streams,",
      "and lets measured latencies choose their ranks. Needs no network and ends by itself.",
    })
public final class DemoCommand implements Callable<Integer> {
  private final Context context;

  @Option(
      names = "--keep",
      paramLabel = "DIR",
      description = "Work in this directory and leave everything there.")
  private @Nullable Path keep;

  @Option(
      names = "--json",
      description = "Print what happened as one JSON object on the last line.")
  private boolean json;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  public DemoCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    try (Workspace workspace =
        keep == null ? Workspace.temporary("heirloom-demo-") : Workspace.kept(keep)) {
      DemoReport report = new Demo(context, workspace.directory()).run();
      context.result(report.text());
      if (keep != null) {
        context.result("everything is in " + workspace.directory());
      }
      if (json) {
        context.result(report.json());
      }
    }
    return 0;
  }
}
