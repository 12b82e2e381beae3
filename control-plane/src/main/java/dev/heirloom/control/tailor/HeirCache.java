package dev.heirloom.control.tailor;

import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assembled heirs as files, least recently used first to go. However many ask for the same heir at
 * once, it is assembled once; an assembly belongs to no caller, so that none takes it along when it
 * gives up. An heir is on the heap only while it is assembled. What is being read stays, even above
 * the limit. Thread-safe.
 */
public final class HeirCache {
  private static final Logger LOG = LoggerFactory.getLogger(HeirCache.class);

  private final DirectoryBlobStore files;
  private final long mostBytes;
  private final int mostAssemblies;
  private final TailorMeters meters;
  private final Executor blocking;
  // In the order of use.
  private final Map<HeirKey, Slot> slots = new LinkedHashMap<>(16, 0.75f, true);
  private int assemblies;
  private long keptBytes;

  // Two families can have one heir in common. Its own lock, held while files come and go.
  private final Map<Digest, Integer> uses = new HashMap<>();

  private HeirCache(
      DirectoryBlobStore files,
      long mostBytes,
      int mostAssemblies,
      TailorMeters meters,
      Executor blocking) {
    this.files = files;
    this.mostBytes = mostBytes;
    this.mostAssemblies = mostAssemblies;
    this.meters = meters;
    this.blocking = blocking;
  }

  /**
   * An empty cache; what an earlier run left in its directory is removed.
   *
   * @param mostBytes of heirs that nobody reads, above which the one that was used longest ago goes
   * @param mostAssemblies different heirs that may be assembled at once: what bounds the heap
   * @param blocking runs assemblies, and reads and writes files
   */
  public static HeirCache open(
      Path directory, long mostBytes, int mostAssemblies, TailorMeters meters, Executor blocking)
      throws IOException {
    DurableFiles.deleteTree(directory);
    return new HeirCache(
        new DirectoryBlobStore(Files.createDirectories(directory)),
        mostBytes,
        mostAssemblies,
        meters,
        blocking);
  }

  /** How an heir that is not there is made. */
  public interface Assembly {
    /** The ONNX file; runs where blocking is allowed. */
    byte[] onnx() throws Exception;
  }

  /** Where the heirs are that leases name. */
  public BlobStore store() {
    return files;
  }

  /**
   * Takes part in an heir, whether it is there, being assembled, or to be begun with.
   *
   * @param assembly used only where nobody else began with the same heir
   * @return what the caller closes; nothing where too many others are being assembled
   */
  public Optional<Lease> lease(HeirKey key, Assembly assembly) {
    Slot slot;
    boolean first = false;
    synchronized (this) {
      slot = slots.get(key);
      if (slot == null) {
        if (assemblies >= mostAssemblies) {
          return Optional.empty();
        }
        slot = new Slot(key);
        slots.put(key, slot);
        assemblies++;
        first = true;
      }
      slot.readers++;
    }
    meters.asked(!first);
    if (first) {
      begin(slot, assembly);
    }
    return Optional.of(new Lease(slot));
  }

  private void begin(Slot slot, Assembly assembly) {
    try {
      blocking.execute(() -> assemble(slot, assembly));
    } catch (RuntimeException e) {
      failed(slot, e);
    }
  }

  private void assemble(Slot slot, Assembly assembly) {
    AssembledHeir heir;
    try {
      heir = stored(assembly.onnx());
    } catch (Throwable e) { // also for want of memory: whoever waits must hear of it
      failed(slot, e);
      return;
    }
    synchronized (this) {
      assemblies--;
      slot.heir = Optional.of(heir);
      keptBytes += heir.bytes();
    }
    meters.assembled(true);
    slot.coming.complete(heir);
    shrink();
  }

  private AssembledHeir stored(byte[] onnx) throws IOException {
    synchronized (uses) {
      Digest digest = files.put(onnx);
      uses.merge(digest, 1, Integer::sum);
      return new AssembledHeir(digest, onnx.length);
    }
  }

  /** The next one who asks begins anew. */
  private void failed(Slot slot, Throwable reason) {
    synchronized (this) {
      assemblies--;
      slots.remove(slot.key);
    }
    meters.assembled(false);
    slot.coming.completeExceptionally(reason);
  }

  private void closed(Slot slot) {
    synchronized (this) {
      slot.readers--;
    }
    shrink();
  }

  /** Forgets what was used longest ago until the rest is within the limit. */
  private void shrink() {
    long kept;
    synchronized (this) {
      Iterator<Slot> eldest = slots.values().iterator();
      while (keptBytes > mostBytes && eldest.hasNext()) {
        Slot slot = eldest.next();
        if (slot.readers == 0 && slot.heir.isPresent()) {
          eldest.remove();
          keptBytes -= slot.heir.get().bytes();
          Digest digest = slot.heir.get().digest();
          blocking.execute(() -> remove(digest));
        }
      }
      kept = keptBytes;
    }
    meters.kept(kept);
  }

  private void remove(Digest digest) {
    synchronized (uses) {
      if (uses.merge(digest, -1, Integer::sum) > 0) {
        return;
      }
      uses.remove(digest);
      try {
        files.delete(digest);
      } catch (IOException e) {
        LOG.warn("an assembled heir could not be removed: {}", e.toString());
      }
    }
  }

  /** One heir, from the moment that somebody asks for it. */
  private static final class Slot {
    private final HeirKey key;
    private final CompletableFuture<AssembledHeir> coming = new CompletableFuture<>();
    private Optional<AssembledHeir> heir = Optional.empty();
    private int readers;

    Slot(HeirKey key) {
      this.key = key;
    }
  }

  /** A caller's part in an heir, which stays until the lease is closed. */
  public final class Lease implements AutoCloseable {
    private final Slot slot;
    private boolean open = true;

    private Lease(Slot slot) {
      this.slot = slot;
    }

    /** The heir, when it is there; giving this up touches nobody else. */
    public CompletionStage<AssembledHeir> heir() {
      return slot.coming.copy();
    }

    /** Gives the heir free; closing again changes nothing. */
    @Override
    public void close() {
      synchronized (this) {
        if (!open) {
          return;
        }
        open = false;
      }
      closed(slot);
    }
  }
}
