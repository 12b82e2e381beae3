package dev.heirloom.control.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that does not outlive this one: it is ended on closing, on Ctrl-C and on failure, at
 * first politely. What it prints goes to a file.
 */
public final class ChildProcess implements AutoCloseable {
  private static final Duration POLITE = Duration.ofSeconds(4);
  private static final int TAIL_LINES = 3;

  private final String name;
  private final Process process;
  private final Path log;
  private final Thread hook;

  private ChildProcess(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    this.hook = new Thread(this::end, "end-" + name);
  }

  /**
   * Starts a program through Heirloom's launcher.
   *
   * @param launcher path of the launcher
   * @param log file that takes standard output and standard error
   */
  public static ChildProcess start(String name, String launcher, List<String> arguments, Path log)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(launcher);
    builder.command().addAll(arguments);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    // Built already: this very program came out of the same build.
    builder.environment().put("HEIRLOOM_NO_BUILD", "1");
    ChildProcess child = new ChildProcess(name, builder.start(), log);
    Runtime.getRuntime().addShutdownHook(child.hook);
    return child;
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** Waits for its end; empty where it goes on. */
  public boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Exit code of a process that has ended. */
  public int exitCode() {
    return process.exitValue();
  }

  /** The last lines that it printed. */
  public List<String> lastLines() throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending anyway, and the hook with it.
    }
  }

  private void end() {
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(POLITE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
    }
  }
}
