package dev.heirloom.edge.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.edge.fixture.MemoryFetcher;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.edge.slot.BlobFetcher.FetchInterruptedException;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobIntakeTest {
  private final Path directory;

  private final SmallFamily family = SmallFamily.create();
  private final MemoryFetcher fetcher = new MemoryFetcher(family, 50);
  private final FetchTally tally = new FetchTally(1);
  private final List<Blob> all;
  private final DirectoryBlobStore store;
  private final BlobIntake intake;

  BlobIntakeTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    store = new DirectoryBlobStore(directory);
    intake = new BlobIntake(store);
    all = family.all();
  }

  private long allBytes() {
    return all.stream().mapToLong(Blob::getSizeBytes).sum();
  }

  @Test
  void fetchesEveryBlobOnceAndCountsItsBytes() throws Exception {
    intake.fetch(all, fetcher, tally);
    assertThat(all).allMatch(blob -> store.has(Digest.of(blob)));
    assertThat(tally.missingBytes()).isEqualTo(allBytes());
    assertThat(tally.contentBytes()).isEqualTo(allBytes());
    assertThat(tally.wireBytes()).isGreaterThan(allBytes());
    assertThat(tally.missingBlobs()).isEqualTo(all.size());
  }

  @Test
  void asksForNothingThatItHolds() throws Exception {
    intake.fetch(all, fetcher, tally);
    FetchTally second = new FetchTally(2);
    intake.fetch(all, fetcher, second);
    assertThat(fetcher.asked()).hasSize(1);
    assertThat(second.missingBytes()).isZero();
  }

  @Test
  void asksOnceForAContentThatIsWantedTwice() throws Exception {
    Blob blob = family.manifest().getProbe();
    intake.fetch(List.of(blob, blob), fetcher, tally);
    assertThat(fetcher.asked()).singleElement().satisfies(ranges -> assertThat(ranges).hasSize(1));
    assertThat(store.has(Digest.of(blob))).isTrue();
    assertThat(tally.missingBytes()).isEqualTo(blob.getSizeBytes());
  }

  @Test
  void resumesAtTheByteWhereTheLinkFailed() throws Exception {
    fetcher.breakAfter(120);
    assertThatThrownBy(() -> intake.fetch(all, fetcher, tally))
        .isInstanceOf(FetchInterruptedException.class);
    assertThat(tally.contentBytes()).isBetween(120L, 170L);
    intake.fetch(all, fetcher, tally);
    assertThat(tally.missingBytes()).isEqualTo(allBytes());
    assertThat(tally.contentBytes()).isEqualTo(allBytes());
    assertThat(all).allMatch(blob -> store.has(Digest.of(blob)));
  }

  @Test
  void afterARestartOnlyWhatIsStillMissingCounts() throws Exception {
    fetcher.breakAfter(100);
    assertThatThrownBy(() -> intake.fetch(all, fetcher, tally))
        .isInstanceOf(FetchInterruptedException.class);
    long before = tally.contentBytes();
    FetchTally fresh = new FetchTally(1);
    new BlobIntake(new DirectoryBlobStore(directory)).fetch(all, fetcher, fresh);
    assertThat(fresh.missingBytes()).isEqualTo(allBytes() - before);
    assertThat(fresh.contentBytes()).isEqualTo(allBytes() - before);
  }

  @Test
  void refusesBlobWhoseDigestDiffers() {
    fetcher.flipBits(true);
    assertThatThrownBy(() -> intake.fetch(all, fetcher, tally))
        .isInstanceOfSatisfying(
            InstallException.class,
            e -> assertThat(e.check()).isEqualTo(InstallException.Check.DIGEST))
        .hasMessageStartingWith("wrong software: blob ");
    assertThat(all).noneMatch(blob -> store.has(Digest.of(blob)));
  }

  @Test
  void blobWithADamagedBeginningIsFetchedOnceMore() throws Exception {
    List<Blob> one = List.of(family.manifest().getProbe());
    fetcher.flipBits(true);
    fetcher.breakAfter(100);
    assertThatThrownBy(() -> intake.fetch(one, fetcher, tally))
        .isInstanceOf(FetchInterruptedException.class);
    fetcher.flipBits(false);
    assertThatThrownBy(() -> intake.fetch(one, fetcher, tally))
        .isInstanceOf(FetchInterruptedException.class)
        .hasMessageContaining("once more");
    intake.fetch(one, fetcher, tally);
    assertThat(store.has(Digest.of(one.get(0)))).isTrue();
  }

  @Test
  void refusalIsNotTriedAgain() {
    fetcher.refuse();
    assertThatThrownBy(() -> intake.fetch(all, fetcher, tally))
        .isInstanceOf(InstallException.class)
        .hasMessageContaining("no such blob");
  }

  @Test
  void refusesPiecesThatWereNotAskedFor() {
    List<BlobFetcher> hostile =
        List.of(
            (decision, ranges, pieces) -> pieces.accept(7, 0, ByteString.copyFromUtf8("x"), 10),
            (decision, ranges, pieces) -> pieces.accept(-1, 0, ByteString.copyFromUtf8("x"), 10),
            (decision, ranges, pieces) -> pieces.accept(0, 5, ByteString.copyFromUtf8("x"), 10),
            (decision, ranges, pieces) -> pieces.accept(1, 0, ByteString.copyFromUtf8("x"), 10));
    for (BlobFetcher each : hostile) {
      assertThatThrownBy(() -> intake.fetch(all, each, tally))
          .isInstanceOfSatisfying(
              InstallException.class,
              e -> assertThat(e.check()).isEqualTo(InstallException.Check.FETCH));
    }
  }

  @Test
  void transferThatEndsEarlyIsAnInterruption() {
    assertThatThrownBy(() -> intake.fetch(all, (decision, ranges, pieces) -> {}, tally))
        .isInstanceOf(FetchInterruptedException.class)
        .hasMessageStartingWith("partial bundle: ")
        .hasMessageContaining("0 of " + all.size());
  }

  @Test
  void aPartOfAnotherFineTuneIsWrongSoftware() {
    Blob patch = family.manifest().getRungs(0).getPatch();
    Blob other = family.manifest().getRungs(1).getPatch();
    assertThat(other.getSizeBytes()).isEqualTo(patch.getSizeBytes());
    ByteString content = family.content(other.getSha256());
    assertThatThrownBy(
            () ->
                intake.fetch(
                    List.of(patch),
                    (decision, ranges, pieces) -> pieces.accept(0, 0, content, content.size() + 10),
                    tally))
        .isInstanceOf(InstallException.class)
        .hasMessageStartingWith("wrong software: ");
  }

  @Test
  void moreThanWasAskedForIsEndlessData() {
    List<BlobFetcher> hostile =
        List.of(
            (decision, ranges, pieces) -> pieces.accept(0, 0, ByteString.EMPTY, 10),
            (decision, ranges, pieces) ->
                pieces.accept(0, 0, ByteString.copyFrom(new byte[1 << 20]), 10),
            (decision, ranges, pieces) -> {
              new MemoryFetcher(family, 1 << 20).fetch(decision, ranges, pieces);
              pieces.accept(ranges.size(), 0, ByteString.copyFromUtf8("more"), 10);
            });
    for (BlobFetcher each : hostile) {
      assertThatThrownBy(() -> intake.fetch(all, each, new FetchTally(1)))
          .isInstanceOf(InstallException.class)
          .hasMessageStartingWith("endless data: ");
    }
  }

  @Test
  void aTransferThatCrawlsIsDroppedKeptAndNoProgress() throws Exception {
    AtomicLong seconds = new AtomicLong();
    BlobIntake watching = new BlobIntake(store, () -> TimeUnit.SECONDS.toNanos(seconds.get()));
    BlobFetcher crawling =
        (decision, ranges, pieces) ->
            new MemoryFetcher(family, 10)
                .fetch(
                    decision,
                    ranges,
                    (index, offset, content, wire) -> {
                      seconds.addAndGet(20);
                      pieces.accept(index, offset, content, wire);
                    });
    assertThatThrownBy(() -> watching.fetch(all, crawling, tally))
        .isInstanceOf(FetchInterruptedException.class)
        .hasMessage("slow retrieval: 30 bytes in 60 s (expected: at least 500 a second)");
    assertThat(tally.contentBytes()).isEqualTo(30);
    assertThat(tally.progressBytes()).isZero();
    intake.fetch(all, fetcher, tally);
    assertThat(fetcher.asked().get(0).get(0).offsetBytes()).isEqualTo(20);
    assertThat(all).allMatch(blob -> store.has(Digest.of(blob)));
  }

  @Test
  void aTransferThatKeepsTheLeastSpeedGoesOnForHours() {
    AtomicLong seconds = new AtomicLong();
    LeastSpeed speed = new LeastSpeed(() -> TimeUnit.SECONDS.toNanos(seconds.get()));
    for (int piece = 0; piece < 1000; piece++) {
      seconds.addAndGet(50);
      assertThat(speed.arrived(60 << 10)).isEmpty();
    }
  }
}
