package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.GetDeviceRequest;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three devices, of which the first is online. */
class DevicesCommandIT {
  private final Path data;
  private ControlPlane plane;
  private Caller caller;

  DevicesCommandIT(@TempDir Path data) throws Exception {
    this.data = data;
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
  }

  @BeforeEach
  void enrol() throws Exception {
    caller.publish(TinyFamily.small());
    for (String name : List.of("cam-1", "cam-2", "cam-3")) {
      TestAgent.enrol(caller, name);
    }
  }

  @AfterEach
  void stop() {
    caller.close();
    plane.close();
  }

  private CommandLineRun devices(String command, String... arguments) {
    return CommandLineRun.of(
        List.of("devices", command, "--control-plane", "127.0.0.1:" + plane.grpcPort()), arguments);
  }

  private CommandLineRun done(String command, String... arguments) {
    CommandLineRun run = devices(command, arguments);
    assertThat(run.code()).as(run.messages().toString()).isZero();
    return run;
  }

  private static JsonNode json(String line) throws Exception {
    return new ObjectMapper().readTree(line);
  }

  @Test
  void labelsAndListsBySelector() throws Exception {
    done("label", "cam-1", "cam-2", "--set", "ring=canary", "--set", "site=yard");
    CommandLineRun list = done("list", "--selector", "ring=canary", "--sort", "-name");
    assertThat(list.results().get(0)).startsWith("device   class");
    assertThat(list.results().get(1)).startsWith("cam-2").endsWith("ring=canary site=yard");
    assertThat(list.results().get(2)).startsWith("cam-1");
    assertThat(list.results()).hasSize(3);
    JsonNode one = json(done("show", "cam-1", "--json").results().get(0));
    assertThat(one.path("labels").path("site").asText()).isEqualTo("yard");
    assertThat(one.path("operator_labels").size()).isEqualTo(2);
    done("label", "cam-1", "--clear", "site");
    assertThat(done("show", "cam-1").results())
        .anySatisfy(
            line -> assertThat(line).contains("ring=canary (operator)").contains("site=lab"));
    assertThat(done("list", "--limit", "1").results()).last().isEqualTo("1 of 3 devices");
    assertThat(devices("list", "--sort", "size").code()).isEqualTo(ExitCodes.REFUSED);
  }

  @Test
  void saysHowManyADryRunWouldTouchAndTouchesNone() {
    CommandLineRun dry = done("quarantine", "--every-device", "--reason", "x", "--dry-run");
    assertThat(dry.results())
        .containsExactly(
            "cam-1: would be quarantined",
            "cam-2: would be quarantined",
            "cam-3: would be quarantined",
            "3 of 3 would change; nothing was touched");
    assertThat(done("list").results()).noneSatisfy(line -> assertThat(line).contains("quarantine"));
    CommandLineRun many =
        devices("quarantine", "--selector", "site=lab", "--reason", "x", "--at-most", "2");
    assertThat(many.code()).isEqualTo(ExitCodes.REFUSED);
    assertThat(many.messages().get(0)).contains("3 devices match (expected: at most 2)");
    assertThat(done("list").results()).noneSatisfy(line -> assertThat(line).contains("quarantine"));
  }

  @Test
  void answersForEachDeviceByItself() throws Exception {
    try (TestAgent agent = TestAgent.connect(caller, "cam-1", 0)) {
      agent.installed(agent.desired());
      CommandLineRun run = devices("pin", "cam-1", "cam-2", "none", "--rung", "2");
      assertThat(run.code()).isEqualTo(ExitCodes.PARTLY);
      assertThat(run.results())
          .containsExactly(
              "cam-1: pinned to rung 2",
              "cam-2: not pinned to rung 2: rung: 2 (expected: 0, as the device has no family yet)",
              "none: not pinned to rung 2: no such device",
              "1 of 3 changed");
      assertThat(run.messages()).containsExactly("heirloom: 2 of 3 devices did not change");
      Desired pinned = agent.desired();
      assertThat(pinned.getRung()).isEqualTo(2);
      agent.installed(pinned);
      Waiting.until(
          () ->
              devices("show", "cam-1").results().stream()
                  .anyMatch(line -> line.contains("installed") && line.contains("operator holds")));
      done("release", "cam-1");
    }
    assertThat(devices("pin", "none", "--rung", "1").code()).isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(devices("show", "none").code()).isEqualTo(ExitCodes.NOT_FOUND);
  }

  @Test
  void setsBudgetsAndGivesThemBack() {
    done("budget", "--selector", "site=lab", "--p95-budget", "5ms");
    assertThat(done("show", "cam-3").results())
        .anySatisfy(line -> assertThat(line).contains("p95 5.000 ms (operator)"));
    done("budget", "cam-3", "--clear");
    assertThat(done("show", "cam-3").results())
        .anySatisfy(line -> assertThat(line).matches("budget +none"));
  }

  @Test
  void quarantinesAndLifts() {
    done("quarantine", "cam-1", "--reason", "being repaired");
    assertThat(done("show", "cam-1").results())
        .anySatisfy(line -> assertThat(line).contains("operator quarantined it: being repaired"));
    done("lift", "cam-1");
    assertThat(done("list").results()).noneSatisfy(line -> assertThat(line).contains("quarantine"));
  }

  @Test
  void removesDevicesForGoodAlsoAcrossARestart() throws Exception {
    TestAgent agent = TestAgent.connect(caller, "cam-1", 0);
    agent.desired();
    done("remove", "cam-1", "cam-2", "--reason", "sold");
    Status end = Status.fromThrowable(agent.end());
    assertThat(end.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(end.getDescription()).contains("removed this device: sold");
    assertThat(done("list", "--json").results()).hasSize(1);
    caller.close();
    plane.close();
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
    assertThat(json(done("list", "--json").results().get(0)).path("name").asText())
        .isEqualTo("cam-3");
    TestAgent.enrol(caller, "cam-1");
    assertThat(done("list", "--json").results()).hasSize(2);
    assertThat(
            caller
                .fleet()
                .getDevice(GetDeviceRequest.newBuilder().setName("cam-1").build())
                .getDecisionsCount())
        .isZero();
  }

  @Test
  void watchesUntilTheControlPlaneEnds() {
    ByteArrayOutputStream results = new ByteArrayOutputStream();
    Streams streams =
        new Streams(
            new PrintStream(results, true, StandardCharsets.UTF_8),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            0);
    Interruption interruption = Interruption.never(streams);
    String address = "127.0.0.1:" + plane.grpcPort();
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(
            () ->
                new CommandRunner("heirloom", streams, interruption)
                    .run(
                        HeirloomCommand.line(new Context(streams, interruption)),
                        "devices",
                        "watch",
                        "--control-plane",
                        address));
    Waiting.until(() -> results.toString(StandardCharsets.UTF_8).contains("cam-3:"));
    done("remove", "cam-3", "--reason", "sold");
    Waiting.until(() -> results.toString(StandardCharsets.UTF_8).contains(", removed"));
    plane.close();
    assertThat(Waiting.value(code)).isNotZero();
  }

  @Test
  void asksWhichDevicesAndWhatFor() {
    assertThat(devices("release").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(devices("release", "cam-1", "--every-device").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(devices("pin", "cam-1").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(devices("pin", "cam-1", "--rung", "0").code()).isEqualTo(ExitCodes.REFUSED);
    assertThat(devices("label", "cam-1").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(devices("remove", "cam-1").code()).isEqualTo(ExitCodes.USAGE);
    assertThat(devices("remove", "cam-1", "--reason", " ").code()).isEqualTo(ExitCodes.REFUSED);
    assertThat(done("release", "--selector", "site=moon").results())
        .containsExactly("no device matches");
  }

  @Test
  void listsAndShowsFamilies() throws Exception {
    List<String> plain = List.of("--control-plane", "127.0.0.1:" + plane.grpcPort());
    CommandLineRun list =
        CommandLineRun.of(List.of("families", "list"), plain.toArray(String[]::new));
    assertThat(list.results()).hasSize(2).last().asString().startsWith("tiny");
    CommandLineRun show =
        CommandLineRun.of(List.of("families", "show", "tiny"), plain.toArray(String[]::new));
    assertThat(show.code()).isZero();
    assertThat(show.results()).anySatisfy(line -> assertThat(line).contains("0.9200"));
    assertThat(
            CommandLineRun.of(List.of("families", "show", "none"), plain.toArray(String[]::new))
                .code())
        .isEqualTo(ExitCodes.NOT_FOUND);
  }

  @Test
  void completesCommandsInBash() {
    CommandLineRun run = CommandLineRun.of(List.of("completion", "bash"));
    assertThat(run.code()).isZero();
    assertThat(String.join("\n", run.results()))
        .contains("complete -F _complete_heirloom")
        .contains("quarantine")
        .contains("--best-effort");
    assertThat(CommandLineRun.of(List.of("completion", "fish")).code()).isEqualTo(ExitCodes.USAGE);
  }
}
