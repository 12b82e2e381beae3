package dev.heirloom.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Tells whether ONNX Runtime can compute on a CUDA device here. */
public final class CudaProvider {

  private static final List<Path> DRIVERS =
      List.of(Path.of("/dev/nvidiactl"), Path.of("/dev/nvidia0"), Path.of("/dev/dxg"));

  private CudaProvider() {}

  /** What keeps it from that, one line; empty where nothing does. */
  public static Optional<String> missing() {
    SharedEnvironment.get();
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      return Optional.of("this build's ONNX Runtime has no CUDA (expected: a build with -Pcuda)");
    }
    // Asked for CUDA where there is no driver, the library prints a complaint of its own.
    if (Files.isDirectory(Path.of("/proc")) && DRIVERS.stream().noneMatch(Files::exists)) {
      return Optional.of("there is no NVIDIA driver on this machine");
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addCUDA(0);
      return Optional.empty();
    } catch (OrtException e) {
      String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
      return Optional.of(
          "ONNX Runtime finds no GPU, no driver or no CUDA 12 and cuDNN 9 libraries: "
              + (message.length() > 160 ? message.substring(0, 160) + "…" : message));
    }
  }
}
