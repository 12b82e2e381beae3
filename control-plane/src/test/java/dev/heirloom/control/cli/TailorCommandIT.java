package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Family;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TailorCommandIT {
  private final ControlPlane plane;
  private final Path directory;
  private final Path out;
  private final TinyFamily family;

  TailorCommandIT(@TempDir Path directory) throws Exception {
    this.directory = Files.createDirectories(directory.resolve("client"));
    this.out = this.directory.resolve("heir.onnx");
    this.family = TinyFamily.of("wide", 2000, 1);
    this.plane = ControlPlane.start(new ControlPlaneSettings(directory.resolve("data"), 0, 0));
  }

  @BeforeEach
  void publish() throws Exception {
    try (Caller caller = new Caller(plane.grpcPort())) {
      caller.publish(family);
    }
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private CommandLineRun tailor(String... arguments) {
    return CommandLineRun.of(
        List.of("tailor", "--control-plane", "127.0.0.1:" + plane.grpcPort()), arguments);
  }

  private List<String> left() throws Exception {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void writesTheVeryFileThatExportWrites() throws Exception {
    CommandLineRun run =
        tailor("--family", "wide", "--class", "pi-4", "--cores", "4", "-o", out.toString());
    assertThat(run.code()).as(run.messages().toString()).isZero();
    assertThat(run.results()).anySatisfy(line -> assertThat(line).matches("rung +3"));
    Path exported = directory.resolve("exported.onnx");
    Path saved = directory.resolve("family");
    Family.write(saved, family.manifest(), family.blobs());
    CommandLineRun export =
        CommandLineRun.of(
            List.of("export", saved.toString(), "--rung", "3", "--out", exported.toString()));
    assertThat(export.code()).as(export.messages().toString()).isZero();
    assertThat(out).hasSameBinaryContentAs(exported);
  }

  @Test
  void saysInJsonWhatItWrote() throws Exception {
    CommandLineRun run = tailor("--size-budget", "48KB", "--json", "-o", out.toString());
    assertThat(run.code()).as(run.messages().toString()).isZero();
    JsonNode told = new ObjectMapper().readTree(run.results().get(0));
    assertThat(told.path("rung").asInt()).isEqualTo(2);
    assertThat(told.path("feasible").asBoolean()).isTrue();
    assertThat(told.path("p95_latency").path("basis").asText()).isEqualTo("unknown");
    assertThat(told.path("accuracy").path("expected").asDouble()).isEqualTo(0.88);
    assertThat(told.path("file").path("sha256").asText())
        .isEqualTo(Digest.of(Files.readAllBytes(out)).hex());
  }

  @Test
  void refusesABudgetThatCannotBeMetAndSaysByHowMuch() throws Exception {
    Files.writeString(out, "from before");
    CommandLineRun run =
        tailor("--size-budget", "1KB", "--least-accuracy", "0.99", "-o", out.toString());
    assertThat(run.code()).isEqualTo(ExitCodes.BUDGET_UNMET);
    assertThat(run.results()).isEmpty();
    assertThat(run.messages().get(0)).contains("no rung of wide meets the budget");
    assertThat(run.messages().get(1))
        .contains("rung 1: size ", " over 1.0 kB; accuracy 84.00 %, 15.00 points under 99.00 %");
    assertThat(out).hasContent("from before");
    assertThat(left()).containsExactly("heir.onnx");
    CommandLineRun best = tailor("--size-budget", "1KB", "--best-effort", "-o", out.toString());
    assertThat(best.code()).as(best.messages().toString()).isZero();
    assertThat(Files.size(out)).isGreaterThan(1000);
  }

  @Test
  void recommendsWithoutFetching() throws Exception {
    CommandLineRun run = tailor("--recommend-only");
    assertThat(run.code()).as(run.messages().toString()).isZero();
    assertThat(run.results())
        .anySatisfy(line -> assertThat(line).contains("nothing is known of the speed"));
    assertThat(tailor("--recommend-only", "--size-budget", "1KB").code())
        .isEqualTo(ExitCodes.BUDGET_UNMET);
    assertThat(left()).isEmpty();
  }

  @Test
  void tellsItsFailuresApart() {
    assertThat(tailor().code()).isEqualTo(ExitCodes.USAGE);
    assertThat(tailor("--recommend-only", "-o", out.toString()).code()).isEqualTo(ExitCodes.USAGE);
    assertThat(tailor("--recommend-only", "--family", "none").code())
        .isEqualTo(ExitCodes.NOT_FOUND);
    assertThat(tailor("-o", out.resolve("below").toString()).code()).isEqualTo(ExitCodes.REFUSED);
    plane.close();
    assertThat(tailor("--recommend-only").code()).isEqualTo(ExitCodes.UNREACHABLE);
  }
}
