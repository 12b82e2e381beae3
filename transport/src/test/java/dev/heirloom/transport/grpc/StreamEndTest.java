package dev.heirloom.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamEndTest {
  private final StreamEnd stream = new StreamEnd();
  private final List<String> happened = new CopyOnWriteArrayList<>();

  @Test
  void nothingIsWrittenOnceItHasEnded() {
    stream.streamClosed(Status.RESOURCE_EXHAUSTED);

    stream.unlessOver(() -> happened.add("headers"));

    assertThat(happened).isEmpty();
    assertThat(stream.over()).isTrue();
  }

  @Test
  void itDoesNotEndWhileHeadersAreHandedOver() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    Thread connection =
        new Thread(
            () -> {
              await(writing);
              stream.streamClosed(Status.RESOURCE_EXHAUSTED);
              happened.add("ended");
            });
    connection.start();

    stream.unlessOver(
        () -> {
          writing.countDown();
          // Until it waits for this, or has not waited.
          while (connection.getState() != Thread.State.BLOCKED && connection.isAlive()) {
            Thread.onSpinWait();
          }
          happened.add("headers");
        });
    connection.join();

    assertThat(happened).containsExactly("headers", "ended");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
