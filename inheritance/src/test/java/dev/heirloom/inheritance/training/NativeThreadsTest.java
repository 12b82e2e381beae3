package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

class NativeThreadsTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 1})
  void bothLibtorchAndItsBlasUseThem(int threads) {
    NativeThreads.use(threads);

    assertThat(torch.get_num_threads()).isEqualTo(threads);
    assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(threads);
  }

  @Test
  void whatAnotherLibrarySetBeforeDoesNotCount() {
    Nd4j.factory().blas().setMaxThreads(2);

    NativeThreads.use(1);

    assertThat(openblas_nolapack.blas_get_num_threads()).isEqualTo(1);
  }
}
