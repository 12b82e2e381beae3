package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One run of a benchmark, as the benchmark sees it.
 *
 * @param quick whether it has to end within a minute
 * @param directory an empty one to work in, removed afterwards
 * @param say hears lines for people
 * @param interrupted whether to end early
 * @param seed of what is drawn by chance; empty: the benchmark's own
 * @param only the number of what alone is repeated; empty: everything
 */
public record Run(
    boolean quick,
    Path directory,
    Consumer<String> say,
    BooleanSupplier interrupted,
    OptionalLong seed,
    OptionalLong only) {
  static final String DATA_VARIABLE = "HEIRLOOM_DATA";
  static final String LAUNCHER_VARIABLE = "HEIRLOOM_LAUNCHER";

  /** A file or directory below the one that holds data sets and teachers. */
  public Path data(String relative) throws CommandException {
    String root = System.getenv(DATA_VARIABLE);
    if (root == null || root.isBlank()) {
      throw new CommandException(
          DATA_VARIABLE + " is not set, and this benchmark needs " + relative,
          "export "
              + DATA_VARIABLE
              + "=DIR, with data sets in DIR/data and teachers in DIR/models.");
    }
    Path path = Path.of(root).resolve(relative);
    if (!Files.exists(path)) {
      throw new CommandException(path + " is missing (" + DATA_VARIABLE + " is " + root + ")");
    }
    return path;
  }

  /** The program that starts the others. */
  public String launcher() throws CommandException {
    return launcherPath();
  }

  static String launcherPath() throws CommandException {
    String launcher = System.getenv(LAUNCHER_VARIABLE);
    if (launcher == null || launcher.isBlank()) {
      throw new CommandException(
          LAUNCHER_VARIABLE + " is not set", "Start this through ./heirloom, which sets it.");
    }
    return launcher;
  }

  /** Ends the benchmark where the process was interrupted. */
  public void check() throws InterruptedException {
    if (interrupted.getAsBoolean()) {
      throw new InterruptedException();
    }
  }
}
