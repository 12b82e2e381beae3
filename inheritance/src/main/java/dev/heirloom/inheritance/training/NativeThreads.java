package dev.heirloom.inheritance.training;

import dev.heirloom.inheritance.factor.OpenBlasThreads;
import org.bytedeco.pytorch.global.torch;

/** How many threads libtorch uses, and the BLAS in which it multiplies matrices. */
final class NativeThreads {

  private NativeThreads() {}

  /**
   * Sets them for this thread's calls, and those of the BLAS for the process.
   *
   * @param threads from 1
   */
  static void use(int threads) {
    torch.set_num_threads(threads);
    OpenBlasThreads.use(threads);
  }
}
