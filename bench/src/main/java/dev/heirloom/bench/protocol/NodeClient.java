package dev.heirloom.bench.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.control.cli.CommandException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The client of the Open Inference Protocol on Node.js: another implementation of gRPC, with a
 * definition of the protocol of its own. Needs {@code node} and {@code npm}, and a registry where
 * its packages are not installed yet.
 */
public final class NodeClient {
  private static final List<String> FILES =
      List.of("package.json", "inference.proto", "types.js", "client.js");
  private static final List<String> INSTALL =
      List.of("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error");
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MOST_LINES = 5;

  private final Path directory;

  /**
   * @param directory where the client and its packages are put; what is there is used again
   */
  NodeClient(Path directory) {
    this.directory = directory;
  }

  /** What keeps the client from running here, one line; empty where nothing does. */
  public static Optional<String> missing() {
    for (String program : List.of("node", "npm")) {
      try {
        Process process =
            new ProcessBuilder(program, "--version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
          return Optional.of(program + " does not run");
        }
      } catch (IOException e) {
        return Optional.of(program + " is not installed (e.g. apt-get install nodejs npm)");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.of("interrupted");
      }
    }
    return Optional.empty();
  }

  /** Puts the client in place, and installs its packages where that was not done. */
  void install() throws IOException, CommandException, InterruptedException {
    Files.createDirectories(directory);
    boolean installed = Files.isDirectory(directory.resolve("node_modules/@grpc/grpc-js"));
    for (String file : FILES) {
      try (InputStream content = NodeClient.class.getResourceAsStream(file)) {
        if (content == null) {
          throw new IllegalStateException("resource " + file);
        }
        Path target = directory.resolve(file);
        byte[] bytes = content.readAllBytes();
        boolean same = Files.exists(target) && Arrays.equals(bytes, Files.readAllBytes(target));
        installed &= same || !file.equals("package.json");
        if (!same) {
          Path beside = directory.resolve(file + ".part");
          Files.write(beside, bytes);
          Files.move(beside, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    if (!installed) {
      run(INSTALL);
    }
  }

  /**
   * Calls an agent and compares.
   *
   * @param address of the agent's local server
   * @param models the family of every data type but FP16, and the one of FP16
   * @param rounds how many random requests each way
   * @return {@code calls}, {@code mismatches}, and {@code wrong}, a line for each of the first
   */
  JsonNode compare(String address, List<String> models, int rounds)
      throws IOException, CommandException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", "client.js", address));
    command.addAll(models);
    command.add(Integer.toString(rounds));
    List<String> lines = run(command);
    if (lines.isEmpty()) {
      throw new CommandException("the client printed nothing");
    }
    return new ObjectMapper().readTree(lines.get(lines.size() - 1));
  }

  private List<String> run(List<String> command)
      throws IOException, CommandException, InterruptedException {
    Path log = Files.createTempFile(directory, command.get(0), ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          throw new CommandException(
              command.get(0) + " did not end in " + PATIENCE.toSeconds() + " s");
        }
      } finally {
        process.destroy();
      }
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw new CommandException(
            command.get(0) + " ended with code " + process.exitValue(),
            lines.stream().limit(MOST_LINES).toArray(String[]::new));
      }
      return lines;
    } finally {
      Files.deleteIfExists(log);
    }
  }
}
