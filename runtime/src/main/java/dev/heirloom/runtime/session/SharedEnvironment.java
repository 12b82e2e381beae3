package dev.heirloom.runtime.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * The process's one ONNX Runtime environment, kept until the process has ended. The library gives
 * it back as soon as the process is told to end, while sessions are still being opened and run, and
 * the next use of it aborts the process. Its native side counts references: one that nobody gives
 * back keeps it. The library has no public call for that.
 */
final class SharedEnvironment {

  private static final OrtLoggingLevel LEVEL = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
  private static final String NAME = "heirloom";

  private SharedEnvironment() {}

  static OrtEnvironment get() {
    return Holder.ENVIRONMENT;
  }

  /** Whether the environment outlives the order to end; not so where the library has changed. */
  static boolean kept() {
    return Holder.KEPT;
  }

  /** Made on first use. */
  private static final class Holder {
    private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment(LEVEL, NAME);
    private static final boolean KEPT = keep();

    private static boolean keep() {
      try {
        Field api = Class.forName("ai.onnxruntime.OnnxRuntime").getDeclaredField("ortApiHandle");
        api.setAccessible(true);
        Method reference =
            OrtEnvironment.class.getDeclaredMethod(
                "createHandle", long.class, int.class, String.class);
        reference.setAccessible(true);
        reference.invoke(null, api.getLong(null), LEVEL.getValue(), NAME);
        return true;
      } catch (ReflectiveOperationException | RuntimeException e) {
        return false;
      }
    }
  }
}
