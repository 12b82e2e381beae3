package dev.heirloom.edge.slot;

import com.google.protobuf.ByteString;
import dev.heirloom.edge.slot.BlobFetcher.FetchInterruptedException;
import dev.heirloom.edge.slot.BlobFetcher.FetchRefusedException;
import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.PartialBlob;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the blobs that a store lacks, each from the byte at which an earlier try ended, and lets
 * nothing into the store that is not what its name says.
 */
public final class BlobIntake {
  private static final long LONGEST_COMMIT_SECONDS = 60;

  private final DirectoryBlobStore store;
  private final LongSupplier nanoClock;

  public BlobIntake(DirectoryBlobStore store) {
    this(store, System::nanoTime);
  }

  BlobIntake(DirectoryBlobStore store, LongSupplier nanoClock) {
    this.store = store;
    this.nanoClock = nanoClock;
  }

  /**
   * Makes sure that the store holds {@code wanted}.
   *
   * @throws FetchInterruptedException if the link failed; what arrived is kept
   * @throws InstallException if a blob cannot be had
   */
  public void fetch(List<Blob> wanted, BlobFetcher fetcher, FetchTally tally)
      throws FetchInterruptedException, InstallException {
    long start = System.nanoTime();
    try {
      List<Lacking> lacking = lacking(wanted);
      for (Lacking blob : lacking) {
        tally.lacks(Digest.of(blob.blob()), blob.restBytes());
      }
      if (!lacking.isEmpty()) {
        take(lacking, fetcher, tally);
      }
    } catch (IOException | MalformedException | FetchRefusedException e) {
      throw new InstallException(Check.FETCH, e);
    } finally {
      tally.spent(System.nanoTime() - start);
    }
  }

  private void take(List<Lacking> lacking, BlobFetcher fetcher, FetchTally tally)
      throws FetchInterruptedException, FetchRefusedException, InstallException, IOException {
    try (Intake intake = new Intake(lacking, tally)) {
      try {
        fetcher.fetch(tally.decision(), lacking.stream().map(Lacking::range).toList(), intake);
        intake.end();
      } catch (MalformedException e) {
        if (intake.crawls) {
          tally.crawled(intake.speed.bytes());
          throw new FetchInterruptedException(String.valueOf(e.getMessage()));
        }
        if (intake.damage == Damage.OF_RESUMED) {
          throw new FetchInterruptedException(e.getMessage() + "; it is fetched once more");
        }
        throw new InstallException(
            intake.damage == Damage.OF_WHOLE ? Check.DIGEST : Check.FETCH, e);
      }
    }
  }

  /** Each once: golden samples and probe of a small family can be one and the same content. */
  private List<Lacking> lacking(List<Blob> wanted) throws IOException, MalformedException {
    List<Lacking> lacking = new ArrayList<>();
    Set<Digest> seen = new HashSet<>();
    for (Blob blob : wanted) {
      if (!seen.add(Digest.of(blob)) || store.has(Digest.of(blob))) {
        continue;
      }
      try (PartialBlob partial = store.partial(blob)) {
        if (!partial.isComplete()) {
          lacking.add(new Lacking(blob, partial.offset()));
        } else if (!committed(partial)) {
          lacking.add(new Lacking(blob, 0));
        }
      }
    }
    return lacking;
  }

  private static boolean committed(PartialBlob partial) throws IOException {
    try {
      partial.commit();
      return true;
    } catch (MalformedException e) {
      // Its bytes did not survive a loss of power; the store has dropped them.
      return false;
    }
  }

  /**
   * Whether a blob turned out wrong; one that was resumed may have been damaged by an earlier try.
   */
  private enum Damage {
    NONE,
    OF_WHOLE,
    OF_RESUMED
  }

  /**
   * A blob that is being brought onto the disk; the result says whether it is what it should be.
   */
  private record Committing(Lacking blob, Future<Boolean> result) {}

  /** Takes the pieces of one fetch. */
  private final class Intake implements BlobFetcher.Pieces, AutoCloseable {
    private final List<Lacking> lacking;
    private final FetchTally tally;
    private int current;
    private final ExecutorService disk = Executors.newSingleThreadExecutor();
    private @Nullable PartialBlob partial;
    private @Nullable Committing committing;
    private Damage damage = Damage.NONE;
    private final LeastSpeed speed = new LeastSpeed(nanoClock);
    private boolean crawls;

    Intake(List<Lacking> lacking, FetchTally tally) {
      this.lacking = lacking;
      this.tally = tally;
    }

    @Override
    public void accept(int index, long offsetBytes, ByteString content, int wireBytes)
        throws IOException, MalformedException {
      tally.arrived(content.size(), wireBytes);
      checkExpected(index, content);
      checkSpeed(content);
      PartialBlob blob = partial;
      if (blob == null) {
        blob = store.partial(lacking.get(current).blob());
        partial = blob;
      }
      if (content.size() > lacking.get(current).blob().getSizeBytes() - blob.offset()) {
        throw new MalformedException(
            "endless data: piece of %d bytes at byte %d goes past the %d bytes of blob %s, of which %d are there"
                .formatted(
                    content.size(),
                    offsetBytes,
                    lacking.get(current).blob().getSizeBytes(),
                    lacking.get(current).range().digest(),
                    blob.offset()));
      }
      blob.append(offsetBytes, content);
      if (blob.isComplete()) {
        finish(blob);
      }
    }

    private void checkExpected(int index, ByteString content) throws MalformedException {
      if (current >= lacking.size() || content.isEmpty()) {
        throw new MalformedException(
            "endless data: piece of %d bytes after %d of %d blobs"
                .formatted(content.size(), current, lacking.size()));
      }
      if (index != current) {
        throw new MalformedException(
            "fetch: piece of blob %s of %d (expected: of blob %d)"
                .formatted(Integer.toUnsignedString(index), lacking.size(), current));
      }
    }

    private void checkSpeed(ByteString content) throws MalformedException {
      Optional<String> slow = speed.arrived(content.size());
      if (slow.isPresent()) {
        crawls = true;
        throw new MalformedException("slow retrieval: " + slow.get());
      }
    }

    /** Brings a blob onto the disk while the next one arrives. */
    private void finish(PartialBlob blob) throws IOException, MalformedException {
      settle();
      Future<Boolean> result =
          disk.submit(
              () -> {
                try (blob) {
                  return committed(blob);
                }
              });
      committing = new Committing(lacking.get(current), result);
      partial = null;
      current++;
    }

    /** Waits until the blob before is on the disk. */
    private void settle() throws IOException, MalformedException {
      Committing before = committing;
      committing = null;
      if (before == null) {
        return;
      }
      boolean right;
      try {
        right = before.result().get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      if (!right) {
        damage = before.blob().offsetBytes() > 0 ? Damage.OF_RESUMED : Damage.OF_WHOLE;
        throw new MalformedException(
            "%sblob %s: its content is not what its name says"
                .formatted(
                    damage == Damage.OF_WHOLE ? "wrong software: " : "",
                    before.blob().range().digest()));
      }
    }

    void end() throws FetchInterruptedException, IOException, MalformedException {
      settle();
      if (current < lacking.size()) {
        throw new FetchInterruptedException(
            "partial bundle: the control plane ended the transfer after %d of %d blobs"
                .formatted(current, lacking.size()));
      }
    }

    @Override
    public void close() throws IOException {
      // What is being brought onto the disk gets there, before the next try looks at it.
      disk.shutdown();
      try {
        disk.awaitTermination(LONGEST_COMMIT_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      PartialBlob open = partial;
      if (open != null) {
        open.close();
      }
    }
  }
}
