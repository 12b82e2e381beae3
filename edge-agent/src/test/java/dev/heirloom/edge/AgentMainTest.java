package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentMainTest {
  private final Path directory;

  AgentMainTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private record Ended(int code, List<String> errorLines) {}

  private Ended run(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "--control-plane",
                "127.0.0.1:7400",
                "--name",
                "cam-1",
                "--state",
                directory.resolve("state").toString(),
                "--p95-budget",
                "5ms"));
    args.addAll(List.of(more));
    return runExactly(args.toArray(String[]::new));
  }

  private static Ended runExactly(String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
    try {
      int code = AgentMain.run(args);
      return new Ended(code, errors.toString(StandardCharsets.UTF_8).lines().toList());
    } finally {
      System.setErr(before);
    }
  }

  private void assertRefused(Ended ended, int code, String said) {
    assertThat(ended.code()).isEqualTo(code);
    assertThat(ended.errorLines().get(0)).startsWith("heirloom agent: ").contains(said);
    assertThat(ended.errorLines()).hasSizeLessThanOrEqualTo(4);
    assertThat(ended.errorLines())
        .noneMatch(line -> line.contains("Exception") || line.startsWith("\tat"));
  }

  @Test
  void badOptionsGetOneClearLine() {
    assertRefused(run("--nonsense"), 2, "--nonsense");
    assertRefused(run("--window", "soon"), 2, "'soon' (expected: a time");
    assertRefused(run("--window", "1ms"), 2, "--window");
    assertRefused(run("--memory-budget", "lots"), 2, "'lots' (expected: a size");
    assertRefused(run("--least-accuracy", "2"), 2, "--least-accuracy: 2.0 (expected: 0..1)");
    assertRefused(run("--threads", "0"), 2, "--threads: 0");
    assertRefused(run("--serve", "70000"), 2, "--serve: 70000");
    assertRefused(run("--rate", "5"), 2, "--rate: given without --stream");
    assertRefused(run("--stream", "x.npz", "--rate", "-1"), 2, "--rate: -1.0");
    assertRefused(run("--family", "a b"), 2, "--family: 'a b'");
    assertRefused(run("--label", "novalue"), 2, "--label");
    assertRefused(run("--enrol-token-file", "t"), 2, "--enrol-token-file: given without --ca");
    assertThat(directory.resolve("state")).doesNotExist();
  }

  @Test
  void malformedAddressesGetOneClearLine() {
    for (String bad :
        List.of("nowhere", "host:", ":7400", "host:port", "host:0", "host:70000", "a b:1")) {
      assertRefused(
          runExactly("--control-plane", bad, "--name", "n", "--state", "s", "--p95-budget", "5ms"),
          2,
          "'" + bad + "'");
    }
  }

  @Test
  void missingOptionsAndBadNamesGetOneClearLine() {
    assertRefused(runExactly(), 2, "--control-plane");
    assertRefused(
        runExactly(
            "--control-plane", "h:1", "--name", "../x", "--state", "s", "--p95-budget", "5ms"),
        2,
        "--name: '../x'");
  }

  @Test
  void stateThatIsAFileIsRefused() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertRefused(
        runExactly(
            "--control-plane",
            "h:1",
            "--name",
            "n",
            "--state",
            file.toString(),
            "--p95-budget",
            "5ms"),
        1,
        "not a directory");
  }

  @Test
  void anAuthorityThatIsNoneIsRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("ca.crt"), "nonsense");
    assertRefused(run("--ca", file.toString()), 1, "--ca: " + file + " is not a certificate");
    assertRefused(run("--ca", "/no/such.crt"), 1, "--ca: cannot read /no/such.crt");
    assertThat(directory.resolve("state")).doesNotExist();
  }

  @Test
  void portInUseIsRefused() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertRefused(run("--serve", String.valueOf(taken.getLocalPort())), 1, "in use");
    }
  }

  @Test
  void dataThatIsNotThereIsRefused() {
    assertRefused(run("--stream", "/no/such.npz"), 1, "--stream: cannot read /no/such.npz");
  }
}
