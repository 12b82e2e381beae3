package dev.heirloom.control.cli;

import dev.heirloom.control.store.TrustDirectory;
import dev.heirloom.runtime.trust.KeyRoster;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code heirloom rotate-keys}: a new release key; the one before is revoked by that. */
@Command(
    name = "rotate-keys",
    description = "Puts a new release key in the place of the one in force, which is revoked.")
final class RotateKeysCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private KeyFiles files = new KeyFiles();

  @Option(names = "--root", description = "Replace the root key as well.")
  private boolean root;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  RotateKeysCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    TrustDirectory directory = TrustDirectory.open(files.rosters(), files.keys());
    KeyRoster next = directory.rotate(root);
    context.result(
        "roster %d: release key %s%s; devices follow when they are next told of a rung"
            .formatted(
                next.version(),
                next.releaseKeys().get(0).id().brief(),
                root ? " and root key " + next.rootKeys().get(0).id().brief() : ""));
    return 0;
  }
}
