package dev.heirloom.control.store;

import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.proto.v1.SignedRoster;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.trust.KeyRoster;
import dev.heirloom.runtime.trust.ManifestRelease;
import dev.heirloom.runtime.trust.SigningKey;
import dev.heirloom.runtime.trust.TrustException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Gives the release of every published version: one that was brought, or one that it signs itself
 * where it has the release key. It renews what it signed when half of its life is over, or the key
 * is no longer in force.
 */
public final class ReleaseDesk {

  /** How long a release is valid, where nothing else was asked for. */
  public static final Duration LIFE = Duration.ofDays(90);

  private final TrustDirectory trust;
  private final DirectoryCatalogue catalogue;
  private final Clock clock;

  public ReleaseDesk(TrustDirectory trust, DirectoryCatalogue catalogue, Clock clock) {
    this.trust = trust;
    this.catalogue = catalogue;
    this.clock = clock;
  }

  /** Whether it has a key to sign with. */
  public boolean signs() throws IOException, MalformedException {
    return trust.releaseKey().isPresent();
  }

  /** The rosters after a version, in order. */
  public List<SignedRoster> rostersAfter(long version) throws IOException, MalformedException {
    return trust.after(version);
  }

  /**
   * Checks a release that was signed elsewhere, before its family is published.
   *
   * @throws MalformedException if it is not one for this manifest, or devices would not take it
   */
  public ManifestRelease check(SignedRelease brought, String family, Digest manifest)
      throws IOException, MalformedException {
    ManifestRelease release = ManifestRelease.parse(brought);
    try {
      release.verify(trust.current());
    } catch (TrustException e) {
      throw new MalformedException("release: " + e.getMessage(), e);
    }
    if (!release.family().equals(family) || !release.manifest().equals(manifest)) {
      throw new MalformedException(
          "release: of manifest %s of %s (expected: %s of %s)"
              .formatted(release.manifest().brief(), release.family(), manifest.brief(), family));
    }
    if (!release.expires().isAfter(clock.instant())) {
      throw new MalformedException("release: expired at " + release.expires());
    }
    long newest = catalogue.newestRelease(family);
    boolean renewal =
        release.version() == newest
            && catalogue.release(manifest).map(ManifestRelease::version).orElse(0L) == newest;
    if (release.version() <= newest && !renewal) {
      throw new MalformedException(
          "release.version: %d (expected: above %d)".formatted(release.version(), newest));
    }
    return release;
  }

  /**
   * Gives a version that was just published its release.
   *
   * @param brought what {@link #check} gave; absent: it is signed here
   */
  public synchronized void published(PublishedFamily family, Optional<ManifestRelease> brought)
      throws IOException, MalformedException {
    if (brought.isPresent()) {
      catalogue.keepRelease(brought.get());
      return;
    }
    Optional<ManifestRelease> held = catalogue.release(family.manifest());
    // Published again after another version, it is to replace that one.
    if (held.isEmpty() || held.get().version() < catalogue.newestRelease(family.name())) {
      sign(family, catalogue.newestRelease(family.name()) + 1);
    }
  }

  /**
   * Has devices accept a published version whatever they had before: where its release is not the
   * newest of its family, another is signed that is.
   *
   * @throws IOException where that takes a release key and there is none
   */
  public synchronized void permit(PublishedFamily family) throws IOException, MalformedException {
    long newest = catalogue.newestRelease(family.name());
    Optional<ManifestRelease> held = catalogue.release(family.manifest());
    if (held.isPresent() && held.get().version() == newest) {
      return;
    }
    if (!signs()) {
      throw new IOException(
          "version %s of %s needs a release above %d, and there is no release key here"
              .formatted(family.manifest().brief(), family.name(), newest));
    }
    sign(family, newest + 1);
  }

  /** Signs what was published before there were releases, in the order of publication. */
  public synchronized void signAll() throws IOException, MalformedException {
    for (PublishedFamily family : catalogue.all()) {
      if (catalogue.release(family.manifest()).isEmpty()) {
        sign(family, catalogue.newestRelease(family.name()) + 1);
      }
    }
  }

  /**
   * The release that permits a version now; empty where there is none, and no key to sign one with.
   * May write to the disk.
   */
  public synchronized Optional<ManifestRelease> of(Digest manifest)
      throws IOException, MalformedException {
    Optional<ManifestRelease> held = catalogue.release(manifest);
    Optional<PublishedFamily> family = catalogue.find(manifest);
    if (held.isPresent() && family.isPresent() && isAging(held.get())) {
      sign(family.get(), held.get().version());
    }
    return catalogue.release(manifest);
  }

  private boolean isAging(ManifestRelease release) throws IOException, MalformedException {
    KeyRoster roster = trust.current();
    Instant half =
        release.issued().plus(Duration.between(release.issued(), release.expires()).dividedBy(2));
    return !roster.releaseKeyIds().contains(release.key()) || !clock.instant().isBefore(half);
  }

  /** Changes nothing where there is no key. */
  private void sign(PublishedFamily family, long version) throws IOException, MalformedException {
    Optional<SigningKey> key = trust.releaseKey();
    if (key.isEmpty()) {
      return;
    }
    Instant now = clock.instant();
    catalogue.keepRelease(
        ManifestRelease.create(
            family.name(),
            version,
            Blob.newBuilder()
                .setSha256(family.manifest().bytes())
                .setSizeBytes(family.manifestBytes())
                .build(),
            now,
            now.plus(LIFE),
            key.get()));
  }
}
