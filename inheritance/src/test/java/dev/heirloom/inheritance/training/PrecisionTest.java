package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrecisionTest {
  @TempDir Path dir;

  private boolean multipliesWith(String flags) throws Exception {
    return Precision.multipliesBfloat16(
        Files.writeString(dir.resolve("cpuinfo"), "flags\t\t: fpu " + flags + " sse\n"));
  }

  @Test
  void takesBfloat16WhereTheProcessorMultipliesIt() throws Exception {
    assertThat(multipliesWith("avx512_bf16")).isTrue();
    assertThat(multipliesWith("amx_bf16")).isTrue();
  }

  @Test
  void staysWithFloat32Elsewhere() throws Exception {
    assertThat(multipliesWith("avx512f avx2")).isFalse();
    assertThat(Precision.multipliesBfloat16(dir.resolve("absent"))).isFalse();
  }
}
