package dev.heirloom.control.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lack of memory, however it is told: by Java, by JavaCPP's limit, by libtorch, by CUDA or by
 * ONNX Runtime, each in words of its own.
 */
final class MemoryFailure {
  private static final int DEPTH = 16;

  private static final List<String> NATIVE =
      List.of(
          "not enough memory",
          "can't allocate memory",
          "cannot allocate memory",
          "cuda out of memory",
          "failed to allocate memory",
          "physical memory usage is too high",
          "bad alloc",
          "bad_alloc",
          "bfcarena");

  private static final String BATCH =
      "inherit needs less with a smaller --batch, and then with fewer --threads.";

  private MemoryFailure() {}

  /** What to say, where a lack of memory is behind an exception. */
  static Optional<Failure> of(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < DEPTH; depth++) {
      String message = firstLine(cause.getMessage());
      String lower = message.toLowerCase(Locale.ROOT);
      if (NATIVE.stream().anyMatch(lower::contains)) {
        return Optional.of(
            Failure.of(
                "out of memory: " + message,
                BATCH,
                "HEIRLOOM_JAVA_OPTIONS=-Dorg.bytedeco.javacpp.maxphysicalbytes=16g sets the limit."));
      }
      if (cause instanceof OutOfMemoryError) {
        return Optional.of(
            Failure.of(
                "out of memory: " + (message.isEmpty() ? "the Java heap is full" : message),
                "HEIRLOOM_JAVA_OPTIONS=-Xmx8g gives Java more.",
                BATCH));
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "" : message.lines().findFirst().orElse("");
  }
}
