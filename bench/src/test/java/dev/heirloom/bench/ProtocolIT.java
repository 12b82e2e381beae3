package dev.heirloom.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.bench.protocol.NodeClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Open Inference Protocol, as another implementation of gRPC finds it on a real agent. */
class ProtocolIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final long LEAST_CALLS = 500;

  @Test
  void anotherImplementationFindsNoDifference(@TempDir Path directory) throws Exception {
    Optional<String> missing = NodeClient.missing();
    assumeTrue(missing.isEmpty(), () -> "skipped: " + missing.orElseThrow());
    Path launcher = Path.of(System.getProperty("basedir", ".")).resolve("../heirloom");
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(
            launcher.toRealPath().toString(), "bench", "protocol", "--quick", "--json");
    builder.environment().put("HEIRLOOM_NO_BUILD", "1");
    Process bench = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      assertThat(bench.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ended by itself").isTrue();
    } finally {
      bench.destroy();
    }
    String messages = Files.readString(err, StandardCharsets.UTF_8);
    assertThat(bench.exitValue()).as(messages).isZero();
    List<String> lines = Files.readAllLines(out, StandardCharsets.UTF_8);
    JsonNode figures = new ObjectMapper().readTree(lines.get(lines.size() - 1)).path("figures");
    assertThat(figures.path("mismatches").asDouble(Double.NaN)).as(messages).isZero();
    assertThat(figures.path("calls").asLong()).isGreaterThan(LEAST_CALLS);
  }
}
