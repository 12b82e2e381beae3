package dev.heirloom.bench.access;

import dev.heirloom.bench.ChildJvm;
import dev.heirloom.edge.AgentMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An agent in a process of its own, and the lines that it says. */
final class RunningAgent implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;
  private static final Pattern PORT = Pattern.compile("127\\.0\\.0\\.1:(\\d+)");

  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private RunningAgent(Process process) {
    this.process = process;
    Thread reader = new Thread(this::read, "agent-lines");
    reader.setDaemon(true);
    reader.start();
  }

  static RunningAgent start(List<String> arguments) throws IOException {
    ProcessBuilder builder =
        ChildJvm.builder(
            List.of(), List.of("-Xmx64m", "-XX:TieredStopAtLevel=1"), AgentMain.class, arguments);
    return new RunningAgent(builder.redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      in.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // The process is gone.
    }
  }

  /** Waits for a line that has all of these words. */
  String line(String... words) throws InterruptedException {
    List<String> seen = new ArrayList<>();
    for (String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        line != null;
        line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      seen.add(line);
      if (List.of(words).stream().allMatch(line::contains)) {
        return line;
      }
    }
    throw new AssertionError("no line with " + List.of(words) + " among " + seen);
  }

  /** The port that it says it serves on. */
  int port() throws InterruptedException {
    String line = line("Open Inference Protocol");
    Matcher port = PORT.matcher(line);
    if (!port.find()) {
      throw new AssertionError("no port in '" + line + "'");
    }
    return Integer.parseInt(port.group(1));
  }

  boolean runs() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
