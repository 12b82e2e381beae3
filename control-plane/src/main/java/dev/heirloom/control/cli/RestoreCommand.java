package dev.heirloom.control.cli;

import dev.heirloom.control.store.Restore;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code heirloom restore}: a data directory from a backup. */
@Command(name = "restore", description = "Makes a control plane's data directory from a backup.")
final class RestoreCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "That backup wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "To make; missing or empty (${DEFAULT-VALUE}).")
  private Path data = Path.of("heirloom-data");

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  RestoreCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Restore restored = Restore.to(data, file);
    context.result(
        data.toAbsolutePath()
            + " as of "
            + Instant.ofEpochMilli(restored.takenUnixMs()).truncatedTo(ChronoUnit.SECONDS)
            + ": "
            + restored.files()
            + " files, "
            + Figures.bytes(restored.bytes())
            + "; 'heirloom control-plane --data' goes on from there");
    return 0;
  }
}
