package dev.heirloom.inheritance.training;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The number format in which convolutions and matrix products are computed. */
enum Precision {
  FLOAT32(ScalarType.Float),
  BFLOAT16(ScalarType.BFloat16);

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private final ScalarType type;

  Precision(ScalarType type) {
    this.type = type;
  }

  /** The value in this format; the same tensor where it is so already. */
  Tensor of(Tensor value) {
    return value.scalar_type() == type ? value : value.to(type);
  }

  /** The format to begin with. */
  static Precision of(Arithmetic asked, boolean cuda) {
    return switch (asked) {
      case AUTO -> fastest(cuda);
      case BFLOAT16 -> BFLOAT16;
      case FLOAT32 -> FLOAT32;
    };
  }

  /** Bfloat16 where the hardware multiplies it, float32 elsewhere. */
  static Precision fastest(boolean cuda) {
    return cuda || multipliesBfloat16(PROCESSOR) ? BFLOAT16 : FLOAT32;
  }

  static boolean multipliesBfloat16(Path processor) {
    try {
      String text = Files.readString(processor, StandardCharsets.ISO_8859_1);
      return text.contains("avx512_bf16") || text.contains("amx_bf16");
    } catch (IOException e) {
      return false;
    }
  }
}
