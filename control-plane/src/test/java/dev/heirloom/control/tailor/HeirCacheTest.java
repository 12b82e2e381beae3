package dev.heirloom.control.tailor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeirCacheTest {
  private static final int MOST_ASSEMBLIES = 2;
  private static final long MOST_BYTES = 100;

  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final AtomicInteger assembled = new AtomicInteger();
  private final Counts counts = new Counts();
  private final Path directory;
  private final HeirCache cache;

  HeirCacheTest(@TempDir Path directory) throws IOException {
    this.directory = directory.resolve("tailored");
    Files.createDirectories(this.directory);
    Files.writeString(this.directory.resolve("left"), "by an earlier run");
    this.cache = HeirCache.open(this.directory, MOST_BYTES, MOST_ASSEMBLIES, counts, tasks::add);
  }

  @Test
  void assemblesOnceHoweverManyAskAtOnce() throws Exception {
    List<HeirCache.Lease> leases = new ArrayList<>();
    for (int client = 0; client < 100; client++) {
      leases.add(lease(1, 10));
    }
    run();
    for (HeirCache.Lease lease : leases) {
      AssembledHeir heir = value(lease);
      assertThat(heir.digest()).isEqualTo(Digest.of(content(1, 10)));
      assertThat(heir.bytes()).isEqualTo(10);
    }
    leases.forEach(HeirCache.Lease::close);
    AssembledHeir later = value(lease(1, 10));
    assertThat(cache.store().size(later.digest())).isEqualTo(10);
    assertThat(assembled).hasValue(1);
    assertThat(counts.misses).isEqualTo(1);
    assertThat(counts.hits).isEqualTo(100);
  }

  @Test
  void keepsOnForOthersWhereTheFirstGivesUp() throws Exception {
    HeirCache.Lease first = lease(1, 10);
    HeirCache.Lease second = lease(1, 10);
    first.heir().toCompletableFuture().cancel(true);
    first.close();
    run();
    assertThat(value(second).bytes()).isEqualTo(10);
  }

  @Test
  void finishesWhatNobodyWaitsForAnyMore() throws Exception {
    lease(1, 10).close();
    run();
    HeirCache.Lease later = lease(1, 10);
    assertThat(value(later).bytes()).isEqualTo(10);
    assertThat(assembled).hasValue(1);
  }

  @Test
  void tellsEveryoneOfAFailureAndBeginsAnewWithTheNext() throws Exception {
    HeirCache.Assembly broken =
        () -> {
          throw new IOException("a band is missing");
        };
    HeirCache.Lease first = cache.lease(key(1), broken).orElseThrow();
    HeirCache.Lease second = cache.lease(key(1), broken).orElseThrow();
    run();
    assertThat(first.heir().toCompletableFuture()).isCompletedExceptionally();
    assertThat(second.heir().toCompletableFuture()).isCompletedExceptionally();
    first.close();
    second.close();
    HeirCache.Lease next = lease(1, 10);
    run();
    assertThat(value(next).bytes()).isEqualTo(10);
    assertThat(counts.failed).isEqualTo(1);
  }

  @Test
  void refusesMoreDifferentAssembliesAtOnceThanTheHeapHolds() {
    lease(1, 10);
    lease(2, 10);
    assertThat(cache.lease(key(3), () -> content(3, 10))).isEmpty();
    assertThat(cache.lease(key(2), () -> content(2, 10))).as("one that is on its way").isPresent();
    run();
    assertThat(cache.lease(key(3), () -> content(3, 10))).as("after they ended").isPresent();
  }

  @Test
  void forgetsWhatWasUsedLongestAgoAboveTheLimit() throws Exception {
    AssembledHeir first = assemble(1, 40);
    AssembledHeir second = assemble(2, 40);
    AssembledHeir again = assemble(1, 40);
    assertThat(again).isEqualTo(first);
    AssembledHeir third = assemble(3, 40);
    assertThat(cache.store().has(first.digest())).isTrue();
    assertThat(cache.store().has(second.digest())).as("used longest ago").isFalse();
    assertThat(cache.store().has(third.digest())).isTrue();
    assertThat(counts.kept).isEqualTo(80);
    assertThat(assembled).hasValue(3);
  }

  @Test
  void keepsWhatIsBeingReadAboveTheLimit() throws Exception {
    HeirCache.Lease reading = lease(1, 90);
    run();
    AssembledHeir read = value(reading);
    assemble(2, 90);
    assertThat(cache.store().has(read.digest())).isTrue();
    reading.close();
    reading.close();
    run();
    assertThat(counts.kept).isLessThanOrEqualTo(MOST_BYTES);
  }

  @Test
  void keepsAFileThatTwoFamiliesShareUntilNeitherNeedsIt() throws Exception {
    byte[] shared = content(7, 60);
    HeirCache.Lease one = cache.lease(key(1), () -> shared).orElseThrow();
    HeirCache.Lease other = cache.lease(key(2), () -> shared).orElseThrow();
    run();
    one.close();
    run();
    assertThat(cache.store().has(value(other).digest())).isTrue();
    other.close();
    run();
    assertThat(counts.kept).isLessThanOrEqualTo(MOST_BYTES);
  }

  @Test
  void removesWhatAnEarlierRunLeft() {
    assertThat(directory.resolve("left")).doesNotExist();
  }

  private AssembledHeir assemble(int rung, int bytes) throws Exception {
    try (HeirCache.Lease lease = lease(rung, bytes)) {
      run();
      return value(lease);
    } finally {
      run();
    }
  }

  private HeirCache.Lease lease(int rung, int bytes) {
    return cache
        .lease(
            key(rung),
            () -> {
              assembled.incrementAndGet();
              return content(rung, bytes);
            })
        .orElseThrow();
  }

  private void run() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  private static AssembledHeir value(HeirCache.Lease lease) throws Exception {
    CompletableFuture<AssembledHeir> coming = lease.heir().toCompletableFuture();
    assertThat(coming).as("nobody has to wait any more").isDone();
    return coming.get();
  }

  private static HeirKey key(int rung) {
    return new HeirKey(Digest.of(new byte[] {1}), rung);
  }

  private static byte[] content(int seed, int bytes) {
    byte[] content = new byte[bytes];
    Arrays.fill(content, (byte) seed);
    return content;
  }

  private static final class Counts implements TailorMeters {
    private int hits;
    private int misses;
    private int failed;
    private long kept;

    @Override
    public void asked(boolean hit) {
      hits += hit ? 1 : 0;
      misses += hit ? 0 : 1;
    }

    @Override
    public void assembled(boolean succeeded) {
      failed += succeeded ? 0 : 1;
    }

    @Override
    public void kept(long bytes) {
      kept = bytes;
    }
  }
}
