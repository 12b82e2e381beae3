package dev.heirloom.control.cli;

import dev.heirloom.control.store.TrustDirectory;
import dev.heirloom.runtime.trust.KeyRoster;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom init}: the keys of a new fleet. */
@Command(name = "init", description = "Makes the keys that sign what devices may install.")
final class InitCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private KeyFiles files = new KeyFiles();

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  InitCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    KeyRoster roster = TrustDirectory.create(files.rosters(), files.keys()).current();
    context.result("roster       " + files.rosters().resolve("1.roster") + " (agents: --trust)");
    context.result(
        "release key  "
            + files.keys().resolve("release.key")
            + " ("
            + roster.releaseKeys().get(0).id().brief()
            + ")");
    context.result(
        "root key     "
            + files.keys().resolve("root.key")
            + " (signs the next roster; keep it in a safe place)");
    return 0;
  }
}
