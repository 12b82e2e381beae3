package dev.heirloom.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import java.util.Optional;

/** Tells whether ONNX Runtime can compute on a CUDA device here. */
public final class CudaProvider {

  private CudaProvider() {}

  /** What keeps it from that, one line; empty where nothing does. */
  public static Optional<String> missing() {
    SharedEnvironment.get();
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      return Optional.of("this build's ONNX Runtime has no CUDA (expected: a build with -Pcuda)");
    }
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.addCUDA(0);
      return Optional.empty();
    } catch (OrtException e) {
      String message = String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
      return Optional.of(
          "ONNX Runtime cannot use the GPU (driver, CUDA or cuDNN libraries): "
              + (message.length() > 160 ? message.substring(0, 160) + "…" : message));
    }
  }
}
