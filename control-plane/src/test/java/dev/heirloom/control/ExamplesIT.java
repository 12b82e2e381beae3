package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.runtime.assembly.HeirAssembler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in other languages, each with a control plane and its language's own tools. */
class ExamplesIT {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Path root;
  private final Path directory;
  private final Path out;
  private final ControlPlane plane;
  private final TinyFamily family;

  ExamplesIT(@TempDir Path directory) throws Exception {
    this.root = Path.of(System.getProperty("basedir", ".")).resolve("..").toRealPath();
    this.directory = directory;
    this.out = directory.resolve("heir.onnx");
    this.family = TinyFamily.of("wide", 4000, 1);
    this.plane = ControlPlane.start(new ControlPlaneSettings(directory.resolve("data"), 0, 0));
    try (Caller caller = new Caller(plane.grpcPort())) {
      caller.publish(family);
    }
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  @Test
  void nodeGetsTheVeryHeirThatExportWrites() throws Exception {
    for (String tool : List.of("node", "npm")) {
      Optional<String> missing = run(directory, List.of(tool, "--version"));
      assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElseThrow());
    }
    Path place = copied("node", "tailor.js", "package.json");
    assertThat(
            run(place, List.of("npm", "install", "--no-package-lock", "--no-audit", "--no-fund")))
        .as("npm install")
        .isEmpty();
    getsTheHeir(place, List.of("node", "tailor.js"));
  }

  @Test
  void pythonGetsTheVeryHeirThatExportWrites() throws Exception {
    Path place = copied("python", "tailor.py", "requirements.txt");
    Optional<String> made = run(place, List.of("python3", "-m", "venv", "tools"));
    assumeTrue(made.isEmpty(), () -> "skipped: no Python with venv: " + made.orElseThrow());
    Optional<String> installed =
        run(place, List.of("tools/bin/pip", "install", "-q", "-r", "requirements.txt"));
    assumeTrue(installed.isEmpty(), () -> "skipped: gRPC for Python: " + installed.orElseThrow());
    getsTheHeir(place, List.of("tools/bin/python", "tailor.py"));
  }

  private void getsTheHeir(Path place, List<String> program) throws Exception {
    List<String> command = new ArrayList<>(program);
    command.addAll(
        List.of("127.0.0.1:" + plane.grpcPort(), family.manifest().getName(), out.toString()));
    assertThat(run(place, command)).isEmpty();
    assertThat(Files.readAllBytes(out))
        .isEqualTo(HeirAssembler.assemble(family.manifest(), 3, family.blobs()));
  }

  private Path copied(String example, String... files) throws IOException {
    Path place = Files.createDirectories(directory.resolve(example));
    for (String file : files) {
      Files.copy(root.resolve("examples").resolve(example).resolve(file), place.resolve(file));
    }
    return place;
  }

  /** Empty where the program ended well, else what it said. */
  private Optional<String> run(Path place, List<String> command) throws Exception {
    Path log = Files.createTempFile(directory, "run", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(place.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("HEIRLOOM_PROTO", root.resolve("proto/src/main/proto").toString());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
    try {
      boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return ended && process.exitValue() == 0
          ? Optional.empty()
          : Optional.of(command + ": " + Files.readString(log, StandardCharsets.UTF_8));
    } finally {
      process.destroy();
    }
  }
}
