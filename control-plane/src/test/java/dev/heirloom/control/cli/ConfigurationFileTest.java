package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class ConfigurationFileTest {
  private static final Pattern COMMENTED = Pattern.compile("^ {2}# ([a-z-]+) = (.+)$");

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void file() {
    file = directory.resolve("heirloom.conf");
  }

  private String refusal(String content, String... options) throws IOException {
    Files.writeString(file, content);
    CommandLineRun run =
        CommandLineRun.of(
            List.of(
                "control-plane",
                "--config",
                file.toString(),
                "--data",
                directory.resolve("data").toString()),
            options);
    assertThat(run.code()).isNotZero();
    assertThat(directory.resolve("data")).doesNotExist();
    return run.messages().get(0).replace(file.toString(), "FILE");
  }

  @Test
  void takesWhatTheCommandLineLeavesOpen() throws IOException {
    String conf = "control-plane { grpc = 70000, host = \"192.0.2.1\" }";

    assertThat(refusal(conf)).contains("grpcPort: 70000");
    assertThat(refusal(conf, "--grpc", "0"))
        .contains("192.0.2.1 can be reached from other machines");
    assertThat(refusal(conf, "--grpc", "70001")).contains("grpcPort: 70001");
  }

  @Test
  void namesLineAndKeyOfWhatItDoesNotKnow() throws IOException {
    assertThat(refusal("control-plane {\n  gprc = 7400\n}"))
        .startsWith("heirloom: FILE:2: control-plane.gprc: no such key (expected one of: ");
    assertThat(refusal("\ncontrolplane { grpc = 7400 }"))
        .isEqualTo("heirloom: FILE:2: controlplane: not known (expected: control-plane { ... })");
  }

  @Test
  void namesLineAndKeyOfAValueThatDoesNotFit() throws IOException {
    assertThat(refusal("control-plane {\n  grpc = many\n}"))
        .isEqualTo("heirloom: FILE:2: control-plane.grpc: 'many' is not an int");
    assertThat(refusal("control-plane {\n\n  grpc { a = 1 }\n}"))
        .isEqualTo(
            "heirloom: FILE:3: control-plane.grpc: {\"a\":1} (expected: a text or a number)");
    assertThat(refusal("control-plane { insecure-beyond-loopback = perhaps }"))
        .isEqualTo(
            "heirloom: FILE:1: control-plane.insecure-beyond-loopback: \"perhaps\" (expected: true"
                + " or false)");
  }

  @Test
  void saysWhereAFileIsNotInTheFormat() throws IOException {
    assertThat(refusal("control-plane {\n  grpc = [1\n}")).contains("FILE: 3: ");
  }

  @Test
  void refusesAFileThatIsMissing() {
    CommandLineRun run = CommandLineRun.of(List.of("control-plane", "--config", file.toString()));

    assertThat(run.messages().get(0)).contains("no such file or directory: " + file);
  }

  @Test
  void theExampleHasEveryKeyAndEachIsTaken() throws Exception {
    Path example = Path.of("..", "deploy", "heirloom.conf");
    TreeSet<String> keys = new TreeSet<>();
    StringBuilder uncommented = new StringBuilder();
    for (String line : Files.readAllLines(example)) {
      Matcher commented = COMMENTED.matcher(line);
      if (commented.matches()) {
        keys.add(commented.group(1));
        uncommented.append(commented.group(1)).append(" = ").append(commented.group(2));
      } else {
        uncommented.append(line);
      }
      uncommented.append('\n');
    }
    Files.writeString(file, uncommented);
    CommandLine line = new CommandLine(new ControlPlaneCommand(CommandLineRun.context()));
    line.parseArgs();
    ConfigurationFile.read(file, "control-plane")
        .apply(
            line.getCommandSpec(),
            new CommandLine(new ControlPlaneCommand(CommandLineRun.context())));
    TreeSet<String> options = new TreeSet<>();
    for (OptionSpec option : line.getCommandSpec().options()) {
      if (!option.usageHelp() && !option.longestName().equals("--config")) {
        options.add(option.longestName().substring(2));
      }
    }
    assertThat(keys).isEqualTo(options);
  }
}
