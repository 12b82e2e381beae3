package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.runtime.family.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class UploadedFilesTest {
  @TempDir private Path directory = Path.of("");

  @Test
  @Timeout(60)
  void keepsWhatAJobBeganToNeedWhileTheCollectionWaited() throws Exception {
    UploadedFiles files = UploadedFiles.open(directory, Clock.systemUTC());
    Digest kept = files.blobs().put("kept".getBytes(StandardCharsets.UTF_8));
    Digest unused = files.blobs().put("unused".getBytes(StandardCharsets.UTF_8));
    AtomicReference<Set<Digest>> needed = new AtomicReference<>(Set.of());
    CompletableFuture<Long> bytes = new CompletableFuture<>();
    Thread collector =
        new Thread(
            () -> {
              try {
                bytes.complete(files.collect(needed::get));
              } catch (Exception e) {
                bytes.completeExceptionally(e);
              }
            });
    files
        .claims()
        .removing(
            free -> {
              collector.start();
              while (collector.getState() != Thread.State.BLOCKED) {
                Thread.onSpinWait();
              }
              needed.set(Set.of(kept));
              return true;
            });
    assertThat(bytes.join()).isEqualTo("unused".length());
    assertThat(files.blobs().has(kept)).isTrue();
    assertThat(files.blobs().has(unused)).isFalse();
  }
}
