package dev.heirloom.control.cli;

import dev.heirloom.control.ControlPlane;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a fleet's rosters and its signing keys are. */
final class KeyFiles {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Data directory of the control plane (${DEFAULT-VALUE}).")
  private Path data = Path.of("heirloom-data");

  @Option(
      names = "--keys",
      paramLabel = "DIR",
      description = "Where the signing keys are, if apart from the control plane.")
  private @Nullable Path keys;

  Path data() {
    return data;
  }

  Path rosters() {
    return data.resolve(ControlPlane.TRUST);
  }

  Path keys() {
    return keys == null ? rosters() : keys;
  }
}
