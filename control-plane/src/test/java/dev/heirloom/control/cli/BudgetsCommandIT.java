package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetsCommandIT {
  private final ControlPlane plane;
  private final ByteArrayOutputStream results = new ByteArrayOutputStream();
  private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

  BudgetsCommandIT(@TempDir Path data) throws Exception {
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private int run(String... arguments) {
    results.reset();
    messages.reset();
    Streams streams =
        new Streams(
            new PrintStream(results, true, StandardCharsets.UTF_8),
            new PrintStream(messages, true, StandardCharsets.UTF_8),
            0);
    Interruption interruption = Interruption.never(streams);
    List<String> all = new ArrayList<>(List.of("budgets"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--control-plane", "127.0.0.1:" + plane.grpcPort()));
    return new CommandRunner("heirloom", streams, interruption)
        .run(HeirloomCommand.line(new Context(streams, interruption)), all.toArray(String[]::new));
  }

  private List<String> results() {
    return results.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void setsListsAndRemovesRules() {
    assertThat(run("list")).isZero();
    assertThat(results()).containsExactly("there are no budget rules");
    assertThat(run("set", "fleet", "--memory-budget", "64MB", "--p95-budget", "none")).isZero();
    assertThat(
            run(
                "set",
                "eu-cameras",
                "--label",
                "site=eu",
                "--label",
                "kind=camera",
                "--p95-budget",
                "8ms",
                "--least-accuracy",
                "0.9"))
        .isZero();
    assertThat(results())
        .containsExactly(
            "rule             p95    memory   size   accuracy               devices",
            "eu-cameras   8.00 ms         -      -     90.0 %   kind=camera site=eu",
            "fleet           none   64.0 MB      -          -                   all");
    assertThat(run("remove", "fleet")).isZero();
    assertThat(results()).hasSize(2);
    assertThat(run("remove", "fleet")).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(messages.toString(StandardCharsets.UTF_8)).contains("no such budget rule: fleet");
  }

  @Test
  void refusesLimitsThatAreNone() {
    assertThat(run("set", "a")).isEqualTo(2);
    assertThat(messages.toString(StandardCharsets.UTF_8)).contains("no limit was given");
    assertThat(run("set", "a", "--p95-budget", "soon")).isEqualTo(2);
    assertThat(messages.toString(StandardCharsets.UTF_8)).contains("--p95-budget: 'soon'");
    assertThat(run("set", "a", "--least-accuracy", "1.5")).isEqualTo(2);
    assertThat(messages.toString(StandardCharsets.UTF_8)).contains("--least-accuracy: '1.5'");
  }
}
