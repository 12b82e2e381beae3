package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.JobSettings;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.control.fixture.WideFiles;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands {@code teachers} and {@code jobs}, where nobody works on jobs. */
class JobsCommandIT {
  private final Path directory;
  private final WideFiles files;
  private ControlPlane plane;

  JobsCommandIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.files = WideFiles.write(directory);
    this.plane = start(directory, 0);
  }

  private static ControlPlane start(Path directory, int port) throws Exception {
    return ControlPlane.start(
        new ControlPlaneSettings(
            directory.resolve("data"),
            port,
            0,
            ControlPlaneSettings.LOOPBACK,
            false,
            DeliverySettings.UNLIMITED,
            OptionalInt.empty(),
            ControlPlaneSettings.CERTIFICATE_VALID,
            JobSettings.USUAL.withoutTrainer()));
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private CommandLineRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--control-plane", "127.0.0.1:" + plane.grpcPort()));
    return CommandLineRun.of(all);
  }

  private CommandLineRun well(String... arguments) {
    CommandLineRun run = run(arguments);
    assertThat(run.code()).as(run.messages().toString()).isZero();
    return run;
  }

  private CommandLineRun submit(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "jobs",
                "submit",
                "wide.onnx",
                "--train",
                "train.npz",
                "--validate",
                "validate.npz",
                "--set",
                "rungs=2"));
    all.addAll(List.of(more));
    return run(all.toArray(String[]::new));
  }

  private void upload() {
    well(
        "teachers",
        "upload",
        files.teacher().toString(),
        files.train().toString(),
        files.validate().toString());
  }

  @Test
  void uploadsListsAndRemoves() {
    upload();
    assertThat(well("teachers", "list").results())
        .hasSize(4)
        .anyMatch(line -> line.contains("wide.onnx") && line.contains("teacher"));
    assertThat(well("teachers", "list", "--json").results().get(0)).startsWith("{\"name\":");
    assertThat(submit().code()).isZero();
    CommandLineRun needed = run("teachers", "remove", "train.npz");
    assertThat(needed.code()).isEqualTo(ExitCodes.REFUSED);
    assertThat(needed.messages()).anyMatch(line -> line.contains("is needed by job-1"));
    assertThat(run("teachers", "remove", "none").code()).isEqualTo(ExitCodes.NOT_FOUND);
  }

  @Test
  void refusesANameThatWouldBeHidden() throws Exception {
    Path hidden = Files.write(directory.resolve(".hidden.npz"), new byte[10]);
    CommandLineRun run = run("teachers", "upload", hidden.toString());
    assertThat(run.code()).isEqualTo(ExitCodes.REFUSED);
    assertThat(run.messages()).anyMatch(line -> line.contains("begins with '.'"));
  }

  @Test
  void bringsNoTwoFilesOfOneName() throws Exception {
    Path other = Files.createDirectories(directory.resolve("other")).resolve("train.npz");
    Files.write(other, new byte[10]);
    CommandLineRun run = run("teachers", "upload", files.train().toString(), other.toString());
    assertThat(run.code()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.messages())
        .anyMatch(line -> line.contains("another file of the name train.npz is given, too"));
    assertThat(well("teachers", "list").results()).hasSize(1);
  }

  @Test
  void movesEndsAndRetriesJobs() {
    upload();
    assertThat(submit().results()).containsExactly("job-1  queued");
    assertThat(submit("--priority", "5", "--json").results().get(0))
        .contains("\"id\":\"job-2\"")
        .contains("\"priority\":5");
    well("jobs", "prioritise", "job-1", "--priority", "9");
    assertThat(well("jobs", "show", "job-1", "--json").results().get(0)).contains("\"priority\":9");
    assertThat(run("jobs", "prioritise", "job-1", "--priority", "101").code())
        .isEqualTo(ExitCodes.REFUSED);

    well("jobs", "cancel", "job-1", "--reason", "a mistake");
    assertThat(run("jobs", "cancel", "job-1").code()).isEqualTo(ExitCodes.REFUSED);
    CommandLineRun followed = run("jobs", "show", "job-1", "--watch");
    assertThat(followed.code()).isEqualTo(ExitCodes.JOB_CANCELLED);
    assertThat(followed.results()).containsExactly("job-1  cancelled: a mistake");
    assertThat(well("jobs", "retry", "job-1").results()).containsExactly("job-1  queued");
    assertThat(well("jobs", "list").results()).hasSize(3);
    assertThat(run("jobs", "show", "job-7").code()).isEqualTo(ExitCodes.NOT_FOUND);
  }

  @Test
  void watchesTheListAlsoWhereTheControlPlaneIsStartedAnew() throws Exception {
    upload();
    submit("--hold");
    ByteArrayOutputStream results = new ByteArrayOutputStream();
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    Streams streams =
        new Streams(
            new PrintStream(results, true, StandardCharsets.UTF_8),
            new PrintStream(messages, true, StandardCharsets.UTF_8),
            0);
    Interruption interruption = Interruption.never(streams);
    int port = plane.grpcPort();
    Thread watch =
        new Thread(
            () ->
                new CommandRunner("heirloom", streams, interruption)
                    .run(
                        HeirloomCommand.line(new Context(streams, interruption)),
                        "jobs",
                        "list",
                        "--watch",
                        "--control-plane",
                        "127.0.0.1:" + port));
    watch.start();
    Waiting.until(() -> results.toString(StandardCharsets.UTF_8).contains("job-1"));
    plane.close();
    Waiting.until(() -> messages.toString(StandardCharsets.UTF_8).contains("; waiting for it"));
    plane = start(directory, port);
    well("jobs", "cancel", "job-1");
    Waiting.until(() -> results.toString(StandardCharsets.UTF_8).contains("job-1  cancelled"));
    watch.interrupt();
    watch.join();
  }

  @Test
  void saysWhatIsWrongWithAJobBeforeItIsTaken() {
    upload();
    assertThat(submit("--set", "steps=many").messages())
        .anyMatch(line -> line.contains("steps: 'many' cannot be read"));
    assertThat(submit("--set", "resume=true").messages())
        .anyMatch(line -> line.contains("resume: no option of a job"));
    assertThat(submit("--set", "hold=perhaps").messages())
        .anyMatch(line -> line.contains("hold: 'perhaps' (expected: one of true, false)"));
    assertThat(well("jobs", "list").results()).hasSize(1);
  }
}
