package dev.heirloom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the demo through the launcher, with its real processes, and checks what came of it. */
class LoopIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Duration CLEAN_UP = Duration.ofSeconds(15);
  private static final long FRAMING_BYTES = 4096;
  private static final double FRAMING_SHARE = 1.02;

  @TempDir private static Path directory = Path.of("");

  private static int exitCode;
  private static JsonNode report = new ObjectMapper().nullNode();
  private static String messages = "";

  @BeforeAll
  static void runTheDemo() throws IOException, InterruptedException {
    Path launcher = Path.of(System.getProperty("basedir", ".")).resolve("../heirloom");
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
            launcher.toRealPath().toString(),
            "demo",
            "--json",
            "--keep",
            directory.resolve("demo").toString());
    builder.environment().put("HEIRLOOM_NO_BUILD", "1");
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    Process demo = builder.start();
    try {
      boolean ended = demo.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
      messages = Files.readString(err, StandardCharsets.UTF_8);
      assertThat(ended).as("the demo ended by itself\n%s", messages).isTrue();
    } finally {
      demo.destroy();
    }
    exitCode = demo.exitValue();
    List<String> lines = Files.readAllLines(out, StandardCharsets.UTF_8);
    if (!lines.isEmpty()) {
      report = new ObjectMapper().readTree(lines.get(lines.size() - 1));
    }
  }

  @AfterAll
  static void leavesNoProcessBehind() {
    List<ProcessHandle> left =
        ProcessHandle.allProcesses()
            .filter(
                process -> process.info().commandLine().orElse("").contains(directory.toString()))
            .toList();
    left.forEach(process -> process.onExit().orTimeout(CLEAN_UP.toSeconds(), TimeUnit.SECONDS));
    assertThat(left).isEmpty();
  }

  @Test
  void succeeds() {
    assertThat(exitCode).as(messages).isZero();
  }

  @Test
  void bringsThreeDevicesToAtLeastTwoRungs() {
    Set<Integer> rungs =
        devices().stream().map(device -> device.path("rung").asInt()).collect(Collectors.toSet());

    assertThat(devices()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(rungs).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void keepsEveryDeviceWithinItsBudget() {
    assertThat(devices())
        .allSatisfy(
            device ->
                assertThat(device.path("p95_ms").asDouble())
                    .as(device.path("name").asText())
                    .isPositive()
                    .isLessThanOrEqualTo(device.path("budget_p95_ms").asDouble()));
  }

  @Test
  void promotesAndDemotesAfterTheFirstAssignment() {
    List<Integer> steps =
        decisions().stream()
            .filter(decision -> !decision.path("from").isNull())
            .map(decision -> decision.path("to").asInt() - decision.path("from").asInt())
            .toList();

    assertThat(steps).anyMatch(step -> step > 0).anyMatch(step -> step < 0);
    assertThat(decisions()).allMatch(decision -> !decision.path("reason").asText().isBlank());
  }

  @Test
  void sendsNoMoreThanWhatIsMissing() {
    assertThat(decisions())
        .allSatisfy(
            decision ->
                assertThat(decision.path("bytes").asDouble())
                    .isLessThanOrEqualTo(
                        FRAMING_SHARE * decision.path("missing_bytes").asLong() + FRAMING_BYTES));
  }

  @Test
  void reportsALadderThatIsFasterAndSmallerThanTheTeacher() {
    JsonNode teacher = report.path("teacher");

    assertThat(report.path("rungs").size()).isGreaterThanOrEqualTo(2);
    assertThat(elements(report.path("rungs")))
        .allSatisfy(
            rung -> {
              assertThat(rung.path("latency_ms_p50").asDouble())
                  .isLessThan(teacher.path("latency_ms_p50").asDouble());
              assertThat(rung.path("parameters").asLong())
                  .isLessThan(teacher.path("parameters").asLong());
              assertThat(rung.path("ranks").size()).isPositive();
            });
    assertThat(report.path("family_bytes").asLong()).isPositive();
  }

  @Test
  void answersMostQuestionsRight() {
    assertThat(devices())
        .allSatisfy(device -> assertThat(device.path("accuracy").asDouble()).isGreaterThan(0.5));
  }

  private static List<JsonNode> devices() {
    return elements(report.path("devices"));
  }

  private static List<JsonNode> decisions() {
    List<JsonNode> decisions = new ArrayList<>();
    devices().forEach(device -> decisions.addAll(elements(device.path("decisions"))));
    return decisions;
  }

  private static List<JsonNode> elements(JsonNode array) {
    return IntStream.range(0, array.size()).mapToObj(array::get).toList();
  }
}
