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
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts as operators meet them: over the command line, HTTP and gRPC. */
class RolloutsCommandIT {
  private static final long BUDGET_NS = 50_000_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ControlPlane plane;
  private final Caller caller;
  private final TinyFamily old = TinyFamily.of("tiny", 8, 1);
  private final TinyFamily target = TinyFamily.of("tiny", 8, 2);
  private final ByteArrayOutputStream results = new ByteArrayOutputStream();
  private final ByteArrayOutputStream messages = new ByteArrayOutputStream();
  private final List<TestAgent> agents = new ArrayList<>();

  RolloutsCommandIT(@TempDir Path data) throws Exception {
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
    caller.publish(old);
    for (String name : List.of("cam-1", "cam-2")) {
      TestAgent.enrol(caller, name);
      TestAgent agent = TestAgent.connect(caller, name, BUDGET_NS);
      Desired first = agent.desired();
      assertThat(first.getManifest().getSha256()).isEqualTo(old.digest().bytes());
      agent.installed(first);
      agents.add(agent);
    }
  }

  @AfterEach
  void close() {
    agents.forEach(TestAgent::close);
    caller.close();
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
    List<String> all = new ArrayList<>(List.of("rollouts"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--control-plane", "127.0.0.1:" + plane.grpcPort()));
    return new CommandRunner("heirloom", streams, interruption)
        .run(HeirloomCommand.line(new Context(streams, interruption)), all.toArray(String[]::new));
  }

  private String said() {
    return results.toString(StandardCharsets.UTF_8);
  }

  private JsonNode json() throws Exception {
    List<String> lines = said().lines().toList();
    return JSON.readTree(lines.get(lines.size() - 1));
  }

  private int create(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "create",
                "spring",
                "tiny",
                "--accuracy-loss",
                "off",
                "--p95-ratio",
                "off",
                "--drift",
                "off",
                "--json"));
    all.addAll(List.of(more));
    return run(all.toArray(String[]::new));
  }

  private void assertPhase(String phase) {
    Waiting.until(
        () -> {
          assertThat(run("list")).isZero();
          return said().contains(phase);
        });
  }

  private HttpResponse<String> stop(String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + plane.httpPort() + "/api/rollouts/spring/abort"))
            .POST(HttpRequest.BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void bringsAHeldVersionToTheDevicesAndMakesItCurrent() throws Exception {
    assertThat(run("list")).isZero();
    assertThat(said()).contains("there are no rollouts");
    assertThat(create()).isNotZero();
    assertThat(messages.toString(StandardCharsets.UTF_8)).contains("is the current one already");
    caller.hold(target);
    assertThat(create("--version", "0000000000")).isEqualTo(ExitCodes.USAGE);
    assertThat(messages.toString(StandardCharsets.UTF_8))
        .contains("--version: 0 versions of tiny begin with 0000000000");
    assertThat(create("--version", "newest")).isEqualTo(ExitCodes.USAGE);
    String begin = target.digest().brief();
    assertThat(create("--version", begin, "--groups", "100%", "--soak", "1ms")).isZero();
    assertThat(json().get("groups")).hasSize(1);
    for (TestAgent agent : agents) {
      Desired next = agent.desired();
      assertThat(next.getManifest().getSha256()).isEqualTo(target.digest().bytes());
      assertThat(next.getReason()).startsWith("rollout spring: ");
      agent.installed(next);
    }
    assertPhase("completed");

    TestAgent.enrol(caller, "cam-3");
    TestAgent late = TestAgent.connect(caller, "cam-3", BUDGET_NS);
    agents.add(late);
    assertThat(late.desired().getManifest().getSha256()).isEqualTo(target.digest().bytes());
    assertThat(run("show", "spring", "--watch", "--json")).isZero();
    assertThat(said()).contains("is the current version of tiny; 2 devices took part");
    assertThat(json().get("phase").asText()).isEqualTo("completed");
  }

  @Test
  void stopsFromTheDashboardButNotFromAnotherSite() throws Exception {
    caller.hold(target);
    create("--groups", "1", "--soak", "1h");
    Waiting.until(() -> run("show", "spring", "--json") == 0 && said().contains("\"told\":1"));

    assertThat(stop().statusCode()).isEqualTo(403);
    assertThat(stop("X-Heirloom", "stop", "Origin", "http://elsewhere.example").statusCode())
        .isEqualTo(403);
    assertThat(stop("X-Heirloom", "stop", "Sec-Fetch-Site", "cross-site").statusCode())
        .isEqualTo(403);
    assertThat(stop("X-Heirloom", "stop").statusCode()).isEqualTo(200);
    assertPhase("aborted");
  }

  @Test
  void pausesResumesAbortsAndRetries() throws Exception {
    caller.hold(target);
    create("--groups", "1", "--soak", "1h");
    assertThat(run("pause", "spring")).isZero();
    assertThat(said()).contains("is paused");
    assertThat(run("resume", "spring")).isZero();
    assertThat(said()).contains("is running");
    assertThat(run("abort", "spring", "--json")).isZero();
    assertPhase("aborted");
    assertThat(run("retry", "spring")).isZero();
    assertThat(said()).contains("is running");
    assertThat(run("abort", "summer")).isNotZero();
    assertThat(messages.toString(StandardCharsets.UTF_8)).contains("no such rollout: summer");
    assertThat(create()).isNotZero();
    assertThat(messages.toString(StandardCharsets.UTF_8))
        .contains("there is a rollout spring already");
  }
}
