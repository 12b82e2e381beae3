package dev.heirloom.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
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
    CompletableFuture<Boolean> writing = new CompletableFuture<>();
    Thread connection =
        new Thread(
            () -> {
              writing.join();
              stream.streamClosed(Status.RESOURCE_EXHAUSTED);
              happened.add("ended");
            });
    connection.start();

    stream.unlessOver(
        () -> {
          writing.complete(true);
          // Until it waits for this, or has not waited.
          while (connection.getState() != Thread.State.BLOCKED && connection.isAlive()) {
            Thread.onSpinWait();
          }
          happened.add("headers");
        });
    connection.join();

    assertThat(happened).containsExactly("headers", "ended");
  }
}
