package dev.heirloom.bench;

import dev.heirloom.edge.AgentMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent in a process of its own that ends by SIGKILL only. */
final class KilledAgent implements AutoCloseable {
  private static final Pattern PORT =
      Pattern.compile("Open Inference Protocol on 127\\.0\\.0\\.1:(\\d+)");

  private final Process process;
  private final List<String> said = new CopyOnWriteArrayList<>();

  private KilledAgent(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "agent-lines");
    reader.setDaemon(true);
    reader.start();
  }

  static KilledAgent start(int controlPlane, String name, Path state) throws IOException {
    return new KilledAgent(
        ChildJvm.builder(
                List.of(),
                List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"),
                AgentMain.class,
                List.of(
                    "--control-plane",
                    "127.0.0.1:" + controlPlane,
                    "--name",
                    name,
                    "--state",
                    state.toString(),
                    "--p95-budget",
                    "1s",
                    "--serve",
                    "0"))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      lines.lines().forEach(said::add);
    } catch (IOException | UncheckedIOException e) {
      // The process is gone.
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Port for local applications, once the agent has said it. */
  OptionalInt port() {
    for (String line : said) {
      Matcher port = PORT.matcher(line);
      if (port.find()) {
        return OptionalInt.of(Integer.parseInt(port.group(1)));
      }
    }
    return OptionalInt.empty();
  }

  /** Whether it has said something. */
  boolean said(String words) {
    return said.stream().anyMatch(line -> line.contains(words));
  }

  /** Everything that it has said. */
  List<String> lines() {
    return List.copyOf(said);
  }

  /** Ends it where it is, and waits until it is gone. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
