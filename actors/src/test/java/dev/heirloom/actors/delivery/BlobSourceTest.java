package dev.heirloom.actors.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.MemoryBlobStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.SinkQueueWithCancel;
import org.apache.pekko.stream.javadsl.StreamConverters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class BlobSourceTest {

  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final int PIECE_BYTES = 100;

  private final CountingStore store = new CountingStore();
  private final byte[] first = bytes(1050, 1);
  private final byte[] second = bytes(300, 2);

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void streamsRangesInOrderFromTheirOffsets() {
    List<Piece> pieces =
        run(List.of(new Range(store.put(first), 930), new Range(store.put(second), 0)));

    assertThat(pieces).extracting(Piece::index).containsExactly(0, 0, 1, 1, 1);
    assertThat(pieces).extracting(Piece::offsetBytes).containsExactly(930L, 1030L, 0L, 100L, 200L);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    pieces.forEach(piece -> all.writeBytes(piece.content().toArray()));
    assertThat(all.toByteArray())
        .startsWith(Arrays.copyOfRange(first, 930, 1050))
        .endsWith(second)
        .hasSize(120 + 300);
    assertThat(store.open.get()).isZero();
  }

  @Test
  void yieldsNothingForABlobThatTheReceiverHoldsWhole() {
    assertThat(run(List.of(new Range(store.put(second), 300)))).isEmpty();
  }

  @Test
  void readsNothingThatWasNotAskedFor() throws Exception {
    SinkQueueWithCancel<Piece> queue =
        BlobSource.of(store, List.of(new Range(store.put(first), 0)), PIECE_BYTES)
            .runWith(
                Sink.<Piece>queue().withAttributes(Attributes.inputBuffer(1, 1)), KIT.system());

    assertThat(queue.pull().toCompletableFuture().get(5, TimeUnit.SECONDS)).isPresent();
    assertThat(queue.pull().toCompletableFuture().get(5, TimeUnit.SECONDS)).isPresent();

    // Two taken, and at most one in the queue's own buffer.
    assertThat(store.read.get()).isLessThanOrEqualTo(3L * PIECE_BYTES);
    queue.cancel();
    assertThat(store.closed.await(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void closesTheChannelWhenTheReceiverGoesAway() throws Exception {
    try (var in =
        BlobSource.of(store, List.of(new Range(store.put(first), 0)), PIECE_BYTES)
            .map(Piece::content)
            .runWith(StreamConverters.asInputStream(Duration.ofSeconds(5)), KIT.system())) {
      assertThat(in.read()).isNotNegative();
    }

    assertThat(store.closed.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(store.open.get()).isZero();
  }

  @Test
  void failsWhenABlobIsMissing() {
    assertThatThrownBy(() -> run(List.of(new Range(Fixtures.digest("missing"), 0))))
        .hasRootCauseInstanceOf(NoSuchFileException.class);
  }

  @Test
  void failsWhenAnOffsetIsPastTheEnd() {
    Digest digest = store.put(second);

    assertThatThrownBy(() -> run(List.of(new Range(digest, 301))))
        .isInstanceOf(CompletionException.class)
        .hasRootCauseMessage("blob " + digest.hex() + ": offset 301 is past its 300 bytes");
  }

  private List<Piece> run(List<Range> ranges) {
    return BlobSource.of(store, ranges, PIECE_BYTES)
        .runWith(Sink.seq(), KIT.system())
        .toCompletableFuture()
        .orTimeout(5, TimeUnit.SECONDS)
        .join();
  }

  private static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Counts open channels and bytes read. */
  private static final class CountingStore implements BlobStore {

    final MemoryBlobStore blobs = new MemoryBlobStore();
    final AtomicInteger open = new AtomicInteger();
    final AtomicLong read = new AtomicLong();
    final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public boolean has(Digest digest) {
      return blobs.has(digest);
    }

    @Override
    public long size(Digest digest) throws IOException {
      return blobs.size(digest);
    }

    @Override
    public Digest put(byte[] content) {
      return blobs.put(content);
    }

    @Override
    public SeekableByteChannel open(Digest digest) throws IOException {
      SeekableByteChannel channel = blobs.open(digest);
      open.incrementAndGet();
      return new CountingChannel(channel);
    }

    private final class CountingChannel implements SeekableByteChannel {

      private final SeekableByteChannel channel;

      CountingChannel(SeekableByteChannel channel) {
        this.channel = channel;
      }

      @Override
      public int read(ByteBuffer target) throws IOException {
        int count = channel.read(target);
        read.addAndGet(Math.max(0, count));
        return count;
      }

      @Override
      public int write(ByteBuffer source) throws IOException {
        return channel.write(source);
      }

      @Override
      public long position() throws IOException {
        return channel.position();
      }

      @Override
      public SeekableByteChannel position(long position) throws IOException {
        channel.position(position);
        return this;
      }

      @Override
      public long size() throws IOException {
        return channel.size();
      }

      @Override
      public SeekableByteChannel truncate(long size) throws IOException {
        return channel.truncate(size);
      }

      @Override
      public boolean isOpen() {
        return channel.isOpen();
      }

      @Override
      public void close() throws IOException {
        channel.close();
        open.decrementAndGet();
        closed.countDown();
      }
    }
  }
}
