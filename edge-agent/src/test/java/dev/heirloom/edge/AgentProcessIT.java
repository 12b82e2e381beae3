package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.fixture.FakeControlPlane;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Agents as processes of their own, over TCP, as a device runs them. */
@Timeout(180)
class AgentProcessIT {
  private final Path directory;

  private final SmallFamily family = SmallFamily.create();
  private final FakeControlPlane controlPlane = new FakeControlPlane(family);
  private final List<Running> started = new ArrayList<>();

  AgentProcessIT(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void start() throws IOException {
    controlPlane.startTcp();
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Running each : started) {
      each.process.destroyForcibly().waitFor();
    }
    controlPlane.close();
  }

  /** A process and the lines that it wrote to standard error. */
  private record Running(Process process, BlockingQueue<String> lines) {
    String line(String containing) throws InterruptedException {
      List<String> seen = new ArrayList<>();
      for (String line = lines.poll(20, TimeUnit.SECONDS);
          line != null;
          line = lines.poll(20, TimeUnit.SECONDS)) {
        seen.add(line);
        if (line.contains(containing)) {
          return line;
        }
      }
      throw new AssertionError("no line with '" + containing + "' among " + seen);
    }
  }

  private Running agent(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                AgentMain.class.getName(),
                "--control-plane",
                "127.0.0.1:" + controlPlane.port(),
                "--name",
                "cam-1",
                "--state",
                directory.resolve("state").toString(),
                "--p95-budget",
                "5ms"));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader in =
                  new BufferedReader(
                      new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
                in.lines().forEach(lines::add);
              } catch (IOException | java.io.UncheckedIOException e) {
                // The process is gone.
              }
            });
    reader.setDaemon(true);
    reader.start();
    Running running = new Running(process, lines);
    started.add(running);
    return running;
  }

  @Test
  void stopsCleanlyOnSigterm() throws Exception {
    controlPlane.order(family.desired(1, 2));
    Running agent = agent("--serve", "0");
    assertThat(agent.line("Open Inference Protocol")).containsPattern("127\\.0\\.0\\.1:\\d+");
    agent.line("serving rung 2 of small");
    long begun = System.nanoTime();
    agent.process().destroy();
    assertThat(agent.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun)).isLessThan(2_500);
    assertThat(agent.process().exitValue()).isIn(0, 143);
    assertThat(agent.lines()).noneMatch(line -> line.contains("Exception"));
  }

  @Test
  void secondAgentOnTheSameStateIsRefused() throws Exception {
    Running first = agent();
    first.line("enrolled");
    Running second = agent();
    assertThat(second.line("heirloom agent:")).contains("another agent is running on it");
    assertThat(second.process().waitFor()).isEqualTo(1);
  }

  @Test
  void killedAtAnyMomentItServesACompleteHeir() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    controlPlane.order(family.desired(1, 1));
    Running agent = agent();
    assertThat(controlPlane.outcome().getStatus()).isEqualTo(Outcome.Status.STATUS_INSTALLED);
    controlPlane.hello();
    agent.line("serving rung 1");
    int decision = 1;
    for (int kill = 0; kill < 6; kill++) {
      int orders = 1 + random.nextInt(4);
      for (int i = 0; i < orders; i++) {
        decision++;
        controlPlane.order(family.desired(decision, 1 + decision % 3));
      }
      if (random.nextBoolean()) {
        controlPlane.outcome();
      }
      agent.process().destroyForcibly().waitFor();
      agent = agent();
      Hello hello = controlPlane.hello();
      assertThat(hello.getServingRung()).as("seed %d, kill %d", seed, kill).isBetween(1, 3);
      assertThat(agent.line("small from disk")).contains("rung " + hello.getServingRung());
    }
  }
}
