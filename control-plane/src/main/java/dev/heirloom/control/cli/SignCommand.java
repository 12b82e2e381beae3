package dev.heirloom.control.cli;

import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.text.Quantity;
import dev.heirloom.runtime.trust.ManifestRelease;
import dev.heirloom.runtime.trust.SigningKey;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code heirloom sign}: permits devices to install a family, apart from the control plane. */
@Command(
    name = "sign",
    description = "Signs a family with a release key, where the control plane has none.")
final class SignCommand implements Callable<Integer> {
  private final Context context;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "FAMILY", description = "Directory that inherit wrote.")
  private Path directory = Path.of("");

  @Option(names = "--key", required = true, paramLabel = "FILE", description = "The release key.")
  private Path key = Path.of("");

  @Option(
      names = "--release",
      required = true,
      paramLabel = "N",
      description = "Version of the release, above that of every earlier one of the family.")
  private long version;

  @Option(
      names = "--valid",
      paramLabel = "TIME",
      description = "How long it may be installed, e.g. 30d or 12h (default: 90d).")
  private String valid = "";

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  SignCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (version < 1) {
      throw usage("--release: " + version + " (expected: from 1)");
    }
    Duration life = life();
    SigningKey signer = SigningKey.read(key);
    Family family = Family.open(directory);
    Instant now = Clock.systemUTC().instant();
    ManifestRelease release =
        ManifestRelease.create(
            family.manifest().getName(),
            version,
            BlobStore.blob(family.manifestBytes()),
            now,
            now.plus(life),
            signer);
    family.keep(release);
    context.result(
        "%s (%s) signed by key %s, to be installed until %s"
            .formatted(
                release,
                family.digest().brief(),
                signer.verification().id().brief(),
                release.expires()));
    return 0;
  }

  private Duration life() {
    if (valid.isEmpty()) {
      return ReleaseDesk.LIFE;
    }
    try {
      return Quantity.duration(valid);
    } catch (IllegalArgumentException e) {
      throw usage("--valid: " + e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
