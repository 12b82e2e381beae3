package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest {
  @Test
  void namesAMissingFile() {
    assertThat(Failures.of(new NoSuchFileException("none.onnx")))
        .isEqualTo(Failure.of("no such file or directory: none.onnx"));
  }

  @Test
  void saysWhatIsMalformed() {
    assertThat(Failures.of(new MalformedException("x.onnx: not ONNX")))
        .isEqualTo(Failure.of("x.onnx: not ONNX"));
  }

  @Test
  void givesAtMostThreeReasonsOfARefusal() {
    Failure failure =
        Failures.of(new RefusedException("no layer gains", List.of("a", "b", "c", "d", "e")));

    assertThat(failure.line()).isEqualTo("no layer gains");
    assertThat(failure.hints()).containsExactly("a", "b", "c");
    assertThat(failure.exitCode()).isEqualTo(1);
  }

  @Test
  void looksBehindWrappedExceptions() {
    Throwable wrapped =
        new CompletionException(new UncheckedIOException(new NoSuchFileException("a")));

    assertThat(Failures.of(wrapped).line()).isEqualTo("no such file or directory: a");
  }

  @Test
  void findsARefusedPortBehindAnythingElse() {
    Throwable wrapped =
        new IllegalStateException("server", new IOException(new BindException("in use: 7400")));

    assertThat(Failures.of(wrapped).line()).isEqualTo("in use: 7400");
  }

  @Test
  void isSilentAboutAnInterruption() {
    assertThat(Failures.of(new CancelledException()).line()).isEmpty();
    assertThat(Failures.of(new InterruptedException()).exitCode()).isEqualTo(130);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "training: [enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: not enough memory: you"
            + " tried to allocate 4398046511104 bytes.\nException raised from here",
        "CUDA out of memory. Tried to allocate 20.00 GiB",
        "run: BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer of size 9",
        "std::bad_alloc"
      })
  void saysWhatToLowerWhereNativeMemoryIsLacking(String message) {
    Failure failure = Failures.of(new TrainingException(message));

    assertThat(failure.line()).startsWith("out of memory: ").doesNotContain("Exception raised");
    assertThat(failure.hints()).first().asString().contains("--batch").contains("--threads");
    assertThat(failure.exitCode()).isEqualTo(1);
  }

  @Test
  void saysHowJavaGetsMoreMemory() {
    Failure heap = Failures.of(new OutOfMemoryError("Java heap space"));

    assertThat(heap.line()).isEqualTo("out of memory: Java heap space");
    assertThat(heap.hints()).first().asString().contains("HEIRLOOM_JAVA_OPTIONS=-Xmx");
    assertThat(
            Failures.of(new OutOfMemoryError("Physical memory usage is too high: 9G > 8G")).hints())
        .anySatisfy(hint -> assertThat(hint).contains("maxphysicalbytes"));
  }

  @Test
  void keepsMessagesOnOneLine() {
    assertThat(Failures.of(new IOException("first\n  second")).line()).isEqualTo("first second");
  }

  @Test
  void keepsTheTraceOfTheUnexpectedInAFile() throws IOException {
    Failure failure = Failures.of(new IllegalStateException("rank: 0"));

    assertThat(failure.line()).isEqualTo("unexpected IllegalStateException: rank: 0");
    String hint = failure.hints().get(0);
    Path trace = Path.of(hint.substring(hint.lastIndexOf(' ') + 1));
    assertThat(trace).content().contains("rank: 0").contains("FailuresTest");
    Files.delete(trace);
  }
}
