package dev.heirloom.control.store;

import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.control.store.DirectoryCatalogue.Entry;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.StoredBlob;
import dev.heirloom.runtime.trust.ManifestRelease;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Removes what nobody needs any more: versions beyond those that are kept, then blobs that no
 * version names, and what is left of broken transfers. A version leaves the catalogue before its
 * blobs are removed, so that a crash between leaves blobs without a version, which the next
 * collection takes. Its calls block.
 */
public final class Collector {

  /** What a broken publish brought may be gone on with for so long. */
  static final Duration FRESH = Duration.ofHours(1);

  /** The same, of a blob that did not come whole. */
  static final Duration BROKEN_OFF = Duration.ofDays(1);

  private final DirectoryCatalogue catalogue;
  private final DirectoryBlobStore blobs;
  private final BlobClaims claims;
  private final OptionalInt keepVersions;
  private final Clock clock;

  /**
   * @param claims what no blob is removed of
   * @param keepVersions newest versions of each family that stay, from 1; empty: all
   */
  public Collector(
      DirectoryCatalogue catalogue,
      DirectoryBlobStore blobs,
      BlobClaims claims,
      OptionalInt keepVersions,
      Clock clock) {
    this.catalogue = catalogue;
    this.blobs = blobs;
    this.claims = claims;
    this.keepVersions = keepVersions;
    this.clock = clock;
  }

  /** Versions that may leave, unless a device needs them: ask the devices after this. */
  public List<Entry> superseded() {
    if (keepVersions.isEmpty()) {
      return List.of();
    }
    Map<String, List<Entry>> byFamily = new LinkedHashMap<>();
    for (Entry entry : catalogue.entries()) {
      byFamily.computeIfAbsent(entry.family().name(), name -> new ArrayList<>()).add(entry);
    }
    List<Entry> superseded = new ArrayList<>();
    for (List<Entry> versions : byFamily.values()) {
      int beyond = Math.max(0, versions.size() - keepVersions.getAsInt());
      superseded.addAll(versions.subList(0, beyond));
    }
    superseded.removeIf(this::isNewestRelease);
    superseded.removeIf(entry -> catalogue.isCurrent(entry.family()));
    return superseded;
  }

  /** The next release is numbered after the newest, which must therefore stay known. */
  private boolean isNewestRelease(Entry entry) {
    long version =
        catalogue.release(entry.family().manifest()).map(ManifestRelease::version).orElse(0L);
    return version > 0 && version == catalogue.newestRelease(entry.family().name());
  }

  /**
   * Removes.
   *
   * @param superseded what {@link #superseded} gave
   * @param inUse versions that a device is assigned or serves
   */
  public Collected collect(List<Entry> superseded, Set<Digest> inUse) throws IOException {
    List<PublishedFamily> retired = new ArrayList<>();
    for (Entry entry : superseded) {
      Digest manifest = entry.family().manifest();
      if (!inUse.contains(manifest)
          && claims.removing(free -> free.test(manifest) && catalogue.retire(entry))) {
        retired.add(entry.family());
      }
    }
    List<StoredBlob> found = blobs.list();
    List<StoredBlob> removed = claims.removing(free -> remove(found, free));
    long bytes = bytes(removed);
    int whole = (int) removed.stream().filter(StoredBlob::whole).count();
    return new Collected(retired, whole, removed.size() - whole, bytes, bytes(found) - bytes);
  }

  private List<StoredBlob> remove(List<StoredBlob> found, Predicate<Digest> free)
      throws IOException {
    // Read here: a publish that ended meanwhile has given its blobs free, and they are named now.
    Set<Digest> named = catalogue.blobs();
    Instant now = clock.instant();
    List<StoredBlob> removed = new ArrayList<>();
    for (StoredBlob blob : found) {
      Duration grace = blob.whole() ? FRESH : BROKEN_OFF;
      boolean needed =
          blob.digest().isPresent()
              && (!free.test(blob.digest().get())
                  || (blob.whole() && named.contains(blob.digest().get())));
      if (!needed && blob.changed().plus(grace).isBefore(now)) {
        blobs.delete(blob);
        removed.add(blob);
      }
    }
    return removed;
  }

  private static long bytes(List<StoredBlob> some) {
    return some.stream().mapToLong(StoredBlob::sizeBytes).sum();
  }
}
