package dev.heirloom.inheritance.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/**
 * How many threads libtorch uses. Its matrix products run in OpenBLAS, which counts threads of its
 * own and rounds otherwise with another number of them. ND4J sets that number when it loads: a
 * training would end otherwise in a process that has factored than in one that resumed.
 */
final class NativeThreads {
  /** The copy of OpenBLAS that libtorch is bound to, on Linux, macOS and Windows. */
  private static final List<String> OPENBLAS =
      List.of(
          "libopenblas_nolapack.so.0", "libopenblas_nolapack.0.dylib", "libopenblas_nolapack.dll");

  static {
    // Its functions are found by name among what is loaded globally, which this copy is not yet.
    Path bindings = Path.of(Loader.load(openblas_nolapack.class));
    OPENBLAS.stream()
        .map(bindings::resolveSibling)
        .filter(Files::exists)
        .forEach(library -> Loader.loadGlobal(library.toString()));
  }

  private NativeThreads() {}

  /**
   * Sets them for this thread's calls, and those of its BLAS for the process.
   *
   * @param threads from 1
   */
  static void use(int threads) {
    torch.set_num_threads(threads);
    openblas_nolapack.blas_set_num_threads(threads);
  }
}
