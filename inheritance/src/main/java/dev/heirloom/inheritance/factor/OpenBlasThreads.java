package dev.heirloom.inheritance.factor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How many threads OpenBLAS uses, with which matrices are factored and libtorch and ND4J multiply
 * them. ND4J sets their number when it loads, libtorch never does, and OpenBLAS rounds otherwise
 * with another number of them: the first factors of a process would differ from later ones, and a
 * training would end otherwise in a process that has factored than in one that resumed.
 */
public final class OpenBlasThreads {
  /** Its file on Linux, macOS and Windows. */
  private static final List<String> FILES =
      List.of(
          "libopenblas_nolapack.so.0", "libopenblas_nolapack.0.dylib", "libopenblas_nolapack.dll");

  static {
    Nd4j.factory(); // sets their number now, not after one was chosen here
    // Its functions are found by name among what is loaded globally, which this copy is not yet.
    Path bindings = Path.of(Loader.load(openblas_nolapack.class));
    FILES.stream()
        .map(bindings::resolveSibling)
        .filter(Files::exists)
        .forEach(library -> Loader.loadGlobal(library.toString()));
  }

  private OpenBlasThreads() {}

  /**
   * Sets them for the process.
   *
   * @param threads from 1
   */
  public static void use(int threads) {
    openblas_nolapack.blas_set_num_threads(threads);
  }
}
