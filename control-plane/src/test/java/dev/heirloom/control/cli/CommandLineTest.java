package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.ProbeTimes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private static final int MOST_LINES = 4;

  @TempDir private Path directory = Path.of("");

  private final ByteArrayOutputStream results = new ByteArrayOutputStream();
  private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

  private int run(String... arguments) {
    Streams streams =
        new Streams(
            new PrintStream(results, true, StandardCharsets.UTF_8),
            new PrintStream(messages, true, StandardCharsets.UTF_8),
            0);
    Interruption interruption = Interruption.never(streams);
    return new CommandRunner("heirloom", streams, interruption)
        .run(HeirloomCommand.line(new Context(streams, interruption)), arguments);
  }

  private List<String> messages() {
    return messages.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void assertRefused(int code, int expectedCode, String firstLine) {
    assertThat(messages()).first().asString().isEqualTo(firstLine);
    assertThat(messages()).hasSizeLessThanOrEqualTo(MOST_LINES);
    assertThat(code).isEqualTo(expectedCode);
    assertThat(results.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void refusesAnUnknownOption() {
    int code = run("inspect", "x.onnx", "--colour");

    assertRefused(code, 2, "heirloom: unknown option --colour");
  }

  @Test
  void refusesAnUnknownCommand() {
    assertRefused(run("inherlt"), 2, "heirloom: unknown command inherlt");
  }

  @Test
  void makesReplacesAndUsesAFleetsKeys() throws Exception {
    String data = directory.resolve("data").toString();
    String keys = directory.resolve("keys").toString();
    assertThat(run("init", "--data", data, "--keys", keys)).isZero();
    assertThat(directory.resolve("data/trust/1.roster")).exists();
    assertThat(results.toString(StandardCharsets.UTF_8)).contains("root.key");
    assertThat(run("rotate-keys", "--data", data, "--keys", keys)).isZero();
    assertThat(results.toString(StandardCharsets.UTF_8)).contains("roster 2: release key ");
    TinyFamily tiny = TinyFamily.small();
    Path family = directory.resolve("family");
    Family.write(family, tiny.manifest(), tiny.blobs());
    String key = keys + "/release.key";
    assertThat(run("sign", family.toString(), "--key", key, "--release", "7")).isZero();
    assertThat(Family.open(family).release().orElseThrow().version()).isEqualTo(7);
    results.reset();
    assertRefused(
        run("init", "--data", data, "--keys-only"),
        1,
        "heirloom: " + data + "/trust: there are keys already");
    assertThat(directory.resolve("data/access/ca.crt")).exists();
    messages.reset();
    assertRefused(
        run("init", "--data", data),
        1,
        "heirloom: " + data + "/trust: there are keys already, and an authority");
  }

  @Test
  void makesKeysOnlyWhereThatIsAskedForAndTheAuthorityLater() throws Exception {
    String data = directory.resolve("data").toString();
    assertThat(run("init", "--data", data, "--keys-only")).isZero();
    assertThat(directory.resolve("data/trust/root.key")).exists();
    assertThat(directory.resolve("data/access")).doesNotExist();
    results.reset();
    assertThat(run("init", "--data", data, "--host", "fleet.example")).isZero();
    assertThat(directory.resolve("data/access/ca.crt")).exists();
    assertThat(results.toString(StandardCharsets.UTF_8))
        .contains("fleet.example")
        .contains("admin token  heirloom_")
        .doesNotContain("root key");
    results.reset();
    assertThat(run("init", "--data", data, "--host", "10.0.0.7,other.example")).isZero();
    assertThat(results.toString(StandardCharsets.UTF_8))
        .contains("fleet.example")
        .contains("other.example")
        .doesNotContain("admin token");
    assertThat(
            AccessDirectory.open(directory.resolve("data/access"))
                .server(Instant.now())
                .certificate()
                .getSubjectAlternativeNames())
        .hasSize(6);
  }

  @Test
  void inspectSaysWhetherAFamilyCarriesMicroProbes() throws Exception {
    TinyFamily tiny = TinyFamily.small();
    Path plain = directory.resolve("plain");
    Family.write(plain, tiny.manifest(), tiny.blobs());
    assertThat(run("inspect", plain.toString())).isZero();
    assertThat(results.toString(StandardCharsets.UTF_8))
        .contains("prediction     none: timed without micro-probes");
    results.reset();
    LadderTiming timing =
        new LadderTiming(
            2,
            new ProbeTimes(1, List.of(10L, 20L)),
            Collections.nCopies(3, new LadderTiming.OfRung(100, List.of(0.5, 0.5))));
    Path timed = directory.resolve("timed");
    Family.write(
        timed, tiny.manifest().toBuilder().addTimings(timing.toManifest()).build(), tiny.blobs());
    assertThat(run("inspect", timed.toString(), "--json")).isZero();
    assertThat(results.toString(StandardCharsets.UTF_8))
        .contains("prediction     from 2 micro-probes (set 1) on 2 threads")
        .contains("\"timings\":[{\"threads\":2,\"probe_set\":1,\"probe_ns\":[10,20]");
  }

  @Test
  void refusesAMissingOption() {
    assertRefused(
        run("export", "family", "--rung", "1"),
        2,
        "heirloom: missing required option: '--out=FILE'");
  }

  @Test
  void refusesAMalformedAddress() {
    int code = run("publish", "family", "--control-plane", "localhost");

    assertThat(messages()).first().asString().contains("'localhost' is not HOST:PORT");
    assertThat(code).isEqualTo(2);
  }

  @Test
  void refusesAFileThatIsNotThere() {
    Path missing = directory.resolve("none.onnx");

    assertRefused(
        run("inspect", missing.toString()), 1, "heirloom: no such file or directory: " + missing);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "not a model at all", "\u0008\u0007\u0012\u0004"})
  void refusesAFileThatIsNoModel(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("x.onnx"), content);

    int code = run("inspect", file.toString());

    assertThat(messages()).hasSizeBetween(1, MOST_LINES);
    assertThat(messages()).first().asString().startsWith("heirloom: ").contains("x.onnx");
    assertThat(code).isEqualTo(1);
  }

  @Test
  void refusesToWriteAFamilyOverSomethingElse() throws IOException {
    Path precious = Files.writeString(directory.resolve("precious.txt"), "mine");

    int code =
        run("inherit", "x.onnx", "--train", "a", "--validate", "b", "--out", directory.toString());

    assertThat(code).isEqualTo(1);
    assertThat(messages()).first().asString().contains("exists and is not a family");
    assertThat(precious).hasContent("mine");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--heads=9",
        "--rungs=0",
        "--device=tpu",
        "--method=magic",
        "--steps=-1",
        "--task=guess",
        "--distil=all",
        "--batch=0",
        "--learning-rate=0",
        "--precision=int8",
        "--checkpoint-every=-1"
      })
  void refusesOptionsOutOfRange(String option) {
    String out = directory.resolve("family").toString();

    int code = run("inherit", "x.onnx", "--train", "a", "--validate", "b", "--out", out, option);

    String name = option.substring(0, option.indexOf('='));
    assertThat(messages()).first().asString().startsWith("heirloom: " + name);
    assertThat(code).isEqualTo(2);
  }

  @Test
  void refusesToResumeWhatIsToBeginAnew() {
    String out = directory.resolve("family").toString();

    int code =
        run(
            "inherit",
            "x.onnx",
            "--train",
            "a",
            "--validate",
            "b",
            "--out",
            out,
            "--resume",
            "--restart");

    assertRefused(code, 2, "heirloom: --resume, --restart: both (expected: one of them)");
  }

  @Test
  void refusesAPortOutOfRange() {
    assertRefused(
        run("control-plane", "--grpc", "70000"),
        2,
        "heirloom: grpcPort: 70000 (expected: 0..65535)");
  }

  @Test
  void explainsEachCommand() {
    assertThat(run("inherit", "--help")).isZero();
    assertThat(results.toString(StandardCharsets.UTF_8)).contains("--train=DATA");
  }
}
