package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.StoredBlob;
import dev.heirloom.runtime.trust.ManifestRelease;
import dev.heirloom.runtime.trust.SigningKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorTest {
  private final Path directory;
  private final DirectoryBlobStore blobs;
  private final DirectoryCatalogue catalogue;
  private final BlobClaims claims = new BlobClaims();
  private final TinyFamily first = TinyFamily.of("tiny", 8, 1);
  private final TinyFamily second = TinyFamily.of("tiny", 8, 20);
  private final TinyFamily third = TinyFamily.of("tiny", 8, 40);

  CollectorTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.blobs = new DirectoryBlobStore(directory.resolve("blobs"));
    this.catalogue = DirectoryCatalogue.open(directory.resolve("families"), Clock.systemUTC());
  }

  private void publish(TinyFamily family) throws Exception {
    publish(family.manifest(), family);
  }

  private void publish(Manifest manifest, TinyFamily holder) throws Exception {
    try (FamilyIntake intake =
        FamilyIntake.begin(manifest.toByteString(), blobs, catalogue, claims)) {
      for (Blob blob : FamilyIntake.missing(manifest, blobs)) {
        intake.piece(Digest.of(blob), 0, ByteString.copyFrom(holder.blobs().read(blob)));
      }
      intake.finish(false);
    }
  }

  /** Collects as if so much time had passed. */
  private Collected collect(OptionalInt keep, Duration later, TinyFamily... inUse)
      throws Exception {
    Clock clock = Clock.fixed(Instant.now().plus(later), ZoneOffset.UTC);
    Collector collector = new Collector(catalogue, blobs, claims, keep, clock);
    Set<Digest> versions =
        Set.of(List.of(inUse).stream().map(TinyFamily::digest).toArray(Digest[]::new));
    return collector.collect(collector.superseded(), versions);
  }

  private Collected collect(int keep, TinyFamily... inUse) throws Exception {
    return collect(OptionalInt.of(keep), Duration.ofDays(2), inUse);
  }

  private boolean whole(TinyFamily family) throws Exception {
    return blobs.has(family.digest()) && FamilyIntake.missing(family.manifest(), blobs).isEmpty();
  }

  private List<Digest> versions() {
    return catalogue.all().stream().map(family -> family.manifest()).toList();
  }

  @Test
  void keepsEveryVersionUnlessToldOtherwise() throws Exception {
    publish(first);
    publish(second);
    Collected collected = collect(OptionalInt.empty(), Duration.ofDays(400));
    assertThat(collected.nothing()).isTrue();
    assertThat(whole(first)).isTrue();
    long stored = blobs.list().stream().mapToLong(StoredBlob::sizeBytes).sum();
    assertThat(collected.storedBytes()).isEqualTo(stored).isPositive();
  }

  @Test
  void retiresWhatIsOlderThanTheNewestAndRemovesWhatOnlyItHad() throws Exception {
    publish(first);
    publish(second);
    publish(third);
    Digest band = Digest.of(first.manifest().getLayers(0).getBands(0).getBlob());
    long before = blobs.list().stream().mapToLong(StoredBlob::sizeBytes).sum();

    Collected collected = collect(2);

    assertThat(versions()).containsExactly(second.digest(), third.digest());
    assertThat(collected.versions())
        .singleElement()
        .satisfies(gone -> assertThat(gone.manifest()).isEqualTo(first.digest()));
    assertThat(blobs.has(band)).isFalse();
    assertThat(blobs.has(first.digest())).isFalse();
    // Three bands and the manifest: skeleton and patches are the other versions', too.
    assertThat(collected.blobs()).isEqualTo(4);
    assertThat(before - collected.bytes()).isEqualTo(collected.storedBytes());
    assertThat(whole(second)).isTrue();
    assertThat(whole(third)).isTrue();
    assertThat(DirectoryCatalogue.open(directory.resolve("families"), Clock.systemUTC()).all())
        .isEqualTo(catalogue.all());
  }

  @Test
  void countsVersionsPerFamily() throws Exception {
    TinyFamily other = TinyFamily.of("other", 8, 60);
    publish(other);
    publish(first);
    publish(second);
    collect(1);
    assertThat(versions()).containsExactly(other.digest(), second.digest());
    assertThat(whole(other)).isTrue();
  }

  @Test
  void keepsBandsThatANewerVersionShares() throws Exception {
    publish(first);
    Manifest renamed = first.manifest().toBuilder().setSeed(77).build();
    publish(renamed, first);
    Collected collected = collect(1);
    assertThat(collected.versions()).hasSize(1);
    assertThat(collected.blobs()).as("the manifest alone").isEqualTo(1);
    assertThat(FamilyIntake.missing(renamed, blobs)).isEmpty();
  }

  @Test
  void keepsAVersionThatADeviceNeedsHoweverOldItIs() throws Exception {
    publish(first);
    publish(second);
    publish(third);
    collect(1, first);
    assertThat(versions()).containsExactly(first.digest(), third.digest());
    assertThat(whole(first)).isTrue();
    collect(1);
    assertThat(versions()).containsExactly(third.digest());
    assertThat(blobs.has(first.digest())).isFalse();
  }

  @Test
  void keepsTheVersionWhoseReleaseTheNextOneIsNumberedAfter() throws Exception {
    publish(first);
    publish(second);
    publish(third);
    SigningKey key = SigningKey.create();
    Instant now = Instant.now();
    catalogue.keepRelease(release(first, 1, now, key));
    catalogue.keepRelease(release(second, 2, now, key));
    collect(1);
    assertThat(versions()).containsExactly(second.digest(), third.digest());
    assertThat(catalogue.newestRelease("tiny")).isEqualTo(2);
    catalogue.keepRelease(release(third, 3, now, key));
    collect(1);
    assertThat(versions()).containsExactly(third.digest());
    assertThat(catalogue.release(second.digest())).isEmpty();
    try (Stream<Path> left = Files.list(directory.resolve("families/tiny"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .allMatch(name -> name.startsWith(third.digest().hex()))
          .hasSize(3);
    }
  }

  private static ManifestRelease release(
      TinyFamily family, long version, Instant now, SigningKey key) throws Exception {
    Blob manifest = BlobStore.blob(family.manifest().toByteString());
    return ManifestRelease.create(
        "tiny", version, manifest, now, now.plus(Duration.ofDays(90)), key);
  }

  @Test
  void keepsAVersionThatWasPublishedAgainSinceItWasChosen() throws Exception {
    publish(first);
    publish(second);
    Collector collector =
        new Collector(catalogue, blobs, claims, OptionalInt.of(1), Clock.systemUTC());
    List<DirectoryCatalogue.Entry> superseded = collector.superseded();
    publish(first);
    assertThat(collector.collect(superseded, Set.of()).nothing()).isTrue();
    assertThat(versions()).containsExactly(second.digest(), first.digest());
  }

  @Test
  void aPublishThatGoesOnMeanwhileLosesNothing() throws Exception {
    publish(first);
    publish(second);
    Blob skeleton = third.manifest().getSkeleton();
    Manifest again = first.manifest().toBuilder().setSeed(77).build();
    // The bands of the first version are there, so that this publisher sends none of them.
    try (FamilyIntake intake = FamilyIntake.begin(again.toByteString(), blobs, catalogue, claims);
        FamilyIntake unfinished =
            FamilyIntake.begin(third.manifest().toByteString(), blobs, catalogue, claims)) {
      Blob band = third.manifest().getLayers(0).getBands(0).getBlob();
      ByteString content = ByteString.copyFrom(third.blobs().read(band));
      unfinished.piece(Digest.of(band), 0, content.substring(0, 3));

      Collected collected = collect(1);

      assertThat(collected.versions()).hasSize(1);
      assertThat(collected.partials()).isZero();
      assertThat(collected.blobs()).as("the first manifest").isEqualTo(1);
      assertThat(blobs.has(Digest.of(skeleton))).isTrue();
      intake.finish(false);
      unfinished.piece(Digest.of(band), 3, content.substring(3));
      assertThat(blobs.has(Digest.of(band))).isTrue();
    }
    assertThat(FamilyIntake.missing(again, blobs)).isEmpty();
    Collected after = collect(2);
    assertThat(after.versions()).isEmpty();
    assertThat(after.blobs()).as("the band of no version").isEqualTo(1);
    assertThat(FamilyIntake.missing(again, blobs)).isEmpty();
  }

  @Test
  void whatIsBeingReadStays() throws Exception {
    publish(first);
    publish(second);
    Digest band = Digest.of(first.manifest().getLayers(0).getBands(0).getBlob());
    try (BlobClaims.Hold one = claims.hold(List.of(band));
        BlobClaims.Hold other = claims.hold(List.of(band))) {
      one.close();
      one.close();
      assertThat(collect(1).versions()).hasSize(1);
      assertThat(blobs.has(band)).isTrue();
      other.close();
    }
    collect(1);
    assertThat(blobs.has(band)).isFalse();
  }

  @Test
  void whatABrokenPublishBroughtStaysForAWhile() throws Exception {
    List<Blob> all = Manifests.all(first.manifest());
    Blob skeleton = first.manifest().getSkeleton();
    Blob band = first.manifest().getLayers(0).getBands(0).getBlob();
    try (FamilyIntake broken =
        FamilyIntake.begin(first.manifest().toByteString(), blobs, catalogue, claims)) {
      broken.piece(Digest.of(skeleton), 0, ByteString.copyFrom(first.blobs().read(skeleton)));
      broken.piece(
          Digest.of(band), 0, ByteString.copyFrom(first.blobs().read(band)).substring(0, 5));
    }
    OptionalInt keepAll = OptionalInt.empty();
    assertThat(collect(keepAll, Duration.ofMinutes(50)).nothing()).isTrue();

    Collected soon = collect(keepAll, Duration.ofHours(2));
    assertThat(soon.blobs()).isEqualTo(1);
    assertThat(soon.partials()).isZero();
    assertThat(FamilyIntake.missing(first.manifest(), blobs)).isEqualTo(all);

    Collected late = collect(keepAll, Duration.ofHours(25));
    assertThat(late.partials()).isEqualTo(1);
    assertThat(late.bytes()).isEqualTo(5);
    assertThat(blobs.list()).isEmpty();
  }

  @Test
  void leavesFilesAloneThatAreNoBlobs() throws Exception {
    Path note = Files.createDirectories(directory.resolve("blobs/ab")).resolve("README");
    Files.writeString(note, "mine");
    collect(OptionalInt.empty(), Duration.ofDays(400));
    assertThat(note).exists();
  }

  /** The states that a crash can leave while a version leaves, and the collection after it. */
  @Test
  void aCrashWhileAVersionLeavesIsMadeGoodByTheNextCollection() throws Exception {
    for (List<String> removed :
        List.of(
            List.of(".published"),
            List.of(".published", ".release"),
            List.of(".published", ".release", ".manifest"))) {
      publish(first);
      publish(second);
      for (String ending : removed) {
        Files.deleteIfExists(directory.resolve("families/tiny/" + first.digest().hex() + ending));
      }
      DirectoryCatalogue reopened =
          DirectoryCatalogue.open(directory.resolve("families"), Clock.systemUTC());
      assertThat(reopened.all())
          .extracting(family -> family.manifest())
          .containsExactly(second.digest());
      Clock later = Clock.fixed(Instant.now().plus(Duration.ofDays(2)), ZoneOffset.UTC);
      Collected collected =
          new Collector(reopened, blobs, claims, OptionalInt.of(1), later)
              .collect(List.of(), Set.of());
      assertThat(collected.blobs()).isEqualTo(4);
      assertThat(whole(second)).isTrue();
      assertThat(whole(first)).isFalse();
      // For the next turn: the catalogue of this one still knows the version.
      catalogue.retire(catalogue.entries().get(0));
    }
  }
}
