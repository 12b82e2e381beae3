package dev.heirloom.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heirloom.edge.fixture.AgentProgram;
import dev.heirloom.edge.fixture.FakeControlPlane;
import dev.heirloom.edge.fixture.SmallFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The image that the build has made, unpacked to a directory with a space in its name and run with
 * an environment that knows of no Java.
 */
@Timeout(180)
class AgentImageIT {
  private static final SmallFamily FAMILY = SmallFamily.create();
  private static final List<AgentProgram> STARTED = new ArrayList<>();

  /** Standard commands that the launcher uses, and no java. */
  private static Map<String, String> environment = Map.of();

  private static Path image = Path.of("");

  @TempDir private static Path directory = Path.of("");

  @BeforeAll
  static void unpack() throws IOException, InterruptedException {
    List<Path> archives;
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      archives =
          files
              .filter(file -> file.getFileName().toString().matches("heirloom-agent-.*\\.tar\\.gz"))
              .toList();
    }
    assumeTrue(
        archives.size() == 1, "no agent image was built here (expected: a build without -Dquick)");
    Path unpacked = Files.createDirectory(directory.resolve("an image"));
    Process tar =
        new ProcessBuilder("tar", "-xzf", archives.get(0).toString(), "-C", unpacked.toString())
            .start();
    assertThat(tar.waitFor()).isZero();
    try (Stream<Path> files = Files.list(unpacked)) {
      image = files.findFirst().orElseThrow();
    }
    Path commands = Files.createDirectory(directory.resolve("commands"));
    for (String command : List.of("sh", "dirname", "readlink")) {
      Path from =
          Stream.of("/bin", "/usr/bin")
              .map(Path::of)
              .map(each -> each.resolve(command))
              .filter(Files::isExecutable)
              .findFirst()
              .orElseThrow();
      Files.createSymbolicLink(commands.resolve(command), from);
    }
    environment = Map.of("PATH", commands.toString());
  }

  @AfterAll
  static void stop() {
    STARTED.forEach(AgentProgram::close);
  }

  private static AgentProgram agent(String... arguments) throws IOException {
    AgentProgram program = AgentProgram.start(image, directory, environment, List.of(arguments));
    STARTED.add(program);
    return program;
  }

  @Test
  void saysItsVersionAndHowItIsUsed() throws Exception {
    AgentProgram version = agent("--version");
    assertThat(version.exitCode()).isZero();
    assertThat(version.rest()).singleElement().asString().startsWith("heirloom agent 0.");
    AgentProgram help = agent("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.rest()).anyMatch(line -> line.contains("--control-plane=HOST:PORT"));
  }

  @Test
  void refusesABadOptionInOneLine() throws Exception {
    AgentProgram bad =
        agent("--control-plane=nowhere", "--name=a", "--state=s", "--p95-budget=5ms");
    assertThat(bad.exitCode()).isEqualTo(2);
    assertThat(bad.rest()).hasSize(2);
    assertThat(bad.rest().get(0)).startsWith("heirloom agent: ").contains("--control-plane");
  }

  @Test
  void startsThroughASymbolicLink() throws Exception {
    Path linkedImage = directory.resolve("linked");
    Path link = Files.createDirectories(linkedImage.resolve("bin")).resolve("heirloom-agent");
    Files.createSymbolicLink(link, image.resolve("bin").resolve("heirloom-agent"));
    AgentProgram linked =
        AgentProgram.start(linkedImage, directory, environment, List.of("--version"));
    STARTED.add(linked);
    assertThat(linked.exitCode()).isZero();
  }

  @Test
  void servesWithoutFilesInTheTemporaryDirectory() throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    try (FakeControlPlane controlPlane = new FakeControlPlane(FAMILY)) {
      controlPlane.startTcp();
      controlPlane.order(FAMILY.desired(1, 2));
      AgentProgram agent =
          AgentProgram.start(
              image,
              directory,
              Map.of(
                  "PATH",
                  environment.getOrDefault("PATH", ""),
                  "HEIRLOOM_JAVA_OPTIONS",
                  "-Djava.io.tmpdir=tmp -Xlog:class+load:file=loaded"),
              AgentProgram.options(controlPlane));
      STARTED.add(agent);
      int port = agent.port();
      agent.line("serving rung 2 of small");
      assertThat(AgentProgram.ask(port).size()).isEqualTo(SmallFamily.CLASSES * Float.BYTES);
      // ONNX Runtime makes an empty directory there whatever it is told.
      try (Stream<Path> files = Files.walk(temporary)) {
        assertThat(files).noneMatch(Files::isRegularFile);
      }
      assertThat(agent.stop()).isIn(0, 143);
    }
    List<String> loaded = Files.readAllLines(directory.resolve("loaded"));
    assertThat(loaded.stream().filter(line -> line.contains("shared objects file")).count())
        .as("classes that come from the image's archive, of %d", loaded.size())
        .isGreaterThan(loaded.size() / 2);
  }

  @Test
  void containerFileCopiesOnlyWhatIsThere() throws IOException {
    List<String> copied =
        Files.readAllLines(image.resolve("Containerfile")).stream()
            .filter(line -> line.startsWith("COPY "))
            .map(line -> line.split(" ", -1))
            .flatMap(words -> Stream.of(words).skip(1).limit(words.length - 2))
            .toList();
    assertThat(copied).isNotEmpty().allMatch(name -> Files.exists(image.resolve(name)));
  }

  @Test
  void holdsNativesOfOnePlatformAndNothingOfTheServer() throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.walk(image)) {
      names = files.map(file -> image.relativize(file).toString()).toList();
    }
    assertThat(names)
        .contains("native/libonnxruntime.so", "native/libonnxruntime4j_jni.so")
        .noneMatch(name -> name.endsWith(".dll") || name.contains("dylib"))
        .noneMatch(name -> name.contains("nd4j") || name.contains("pytorch"));
  }
}
