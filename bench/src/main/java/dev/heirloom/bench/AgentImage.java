package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The agent's image as {@code mvn package} makes it.
 *
 * @param archive the compressed file
 * @param directory where it was unpacked
 */
record AgentImage(Path archive, Path directory) {
  private static final String SUFFIX = ".tar.gz";

  /**
   * Unpacks the one image of this build.
   *
   * @param target where the build leaves it
   * @param into an empty directory
   */
  static AgentImage unpack(Path target, Path into)
      throws IOException, CommandException, InterruptedException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(target)) {
      try (Stream<Path> files = Files.list(target)) {
        files.filter(AgentImage::isArchive).forEach(found::add);
      }
    }
    if (found.size() != 1) {
      throw new CommandException(
          "%d agent images are in %s (expected: 1)".formatted(found.size(), target),
          "mvn -DskipTests clean package makes it, without -Dquick.");
    }
    Path archive = found.get(0);
    Files.createDirectories(into);
    Process tar =
        new ProcessBuilder("tar", "-xzf", archive.toString(), "-C", into.toString())
            .inheritIO()
            .start();
    if (tar.waitFor() != 0) {
      throw new CommandException("tar cannot unpack " + archive);
    }
    try (Stream<Path> top = Files.list(into)) {
      return new AgentImage(archive, top.findFirst().orElseThrow());
    }
  }

  private static boolean isArchive(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("heirloom-agent-") && name.endsWith(SUFFIX);
  }

  /** Bytes of the compressed image. */
  long archiveBytes() throws IOException {
    return Files.size(archive);
  }

  /** The program that starts the agent. */
  Path launcher() {
    return directory.resolve("bin").resolve("heirloom-agent");
  }

  /** How the image's JVM is started for another program: its options and its natives. */
  List<String> java() {
    return List.of(
        directory.resolve("jre").resolve("bin").resolve("java").toString(),
        "@" + directory.resolve("lib").resolve("jvm.options"),
        "-Donnxruntime.native.path=" + directory.resolve("native"));
  }
}
