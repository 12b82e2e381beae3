package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.trust.DeviceTrust;
import dev.heirloom.runtime.trust.ManifestRelease;
import dev.heirloom.runtime.trust.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReleaseDeskTest {
  private static final Instant START = Instant.parse("2026-06-01T12:00:00Z");

  private final Path directory;
  private final TrustDirectory trust;
  private final Shown clock = new Shown();
  private final DirectoryCatalogue catalogue;
  private final ReleaseDesk desk;

  ReleaseDeskTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.trust = TrustDirectory.create(directory.resolve("trust"), directory.resolve("keys"));
    this.catalogue = open();
    this.desk = new ReleaseDesk(trust, catalogue, clock);
  }

  private DirectoryCatalogue open() throws Exception {
    return DirectoryCatalogue.open(directory.resolve("families"), clock);
  }

  /** A clock that a test sets. */
  private static final class Shown extends Clock {
    private Instant now = START;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private PublishedFamily publish(long seed) throws Exception {
    byte[] manifest = TinyFamily.of("tiny", 8, seed).manifest().toByteArray();
    PublishedFamily family = catalogue.add(manifest);
    desk.published(family, Optional.empty());
    return family;
  }

  private ManifestRelease release(PublishedFamily family) throws Exception {
    return desk.of(family.manifest()).orElseThrow();
  }

  @Test
  void everyPublicationHasAReleaseAboveThoseBefore() throws Exception {
    PublishedFamily old = publish(1);
    assertThat(release(old).version()).isEqualTo(1);
    PublishedFamily next = publish(2);
    assertThat(release(next).version()).isEqualTo(2);
    publish(2);
    assertThat(release(next).version()).as("published again as it is").isEqualTo(2);
    publish(1);
    assertThat(release(old).version()).as("brought back").isEqualTo(3);
    assertThat(open().release(old.manifest()).orElseThrow().signed())
        .isEqualTo(release(old).signed());
  }

  @Test
  void devicesTakeWhatItSigns() throws Exception {
    PublishedFamily family = publish(1);
    DeviceTrust.none()
        .follow(desk.rostersAfter(0))
        .accept(release(family), "tiny", family.manifest(), clock.now);
  }

  @Test
  void aReleaseIsRenewedWhenHalfOfItsLifeIsOver() throws Exception {
    PublishedFamily family = publish(1);
    ManifestRelease first = release(family);
    clock.now = START.plus(Duration.ofDays(44));
    assertThat(release(family).signed()).isEqualTo(first.signed());
    clock.now = START.plus(Duration.ofDays(45));
    ManifestRelease renewed = release(family);
    assertThat(renewed.version()).isEqualTo(first.version());
    assertThat(renewed.expires()).isEqualTo(clock.now.plus(ReleaseDesk.LIFE));
  }

  @Test
  void afterAKeyIsRevokedWhatItSignedIsSignedAnew() throws Exception {
    PublishedFamily family = publish(1);
    DeviceTrust device =
        DeviceTrust.none()
            .follow(desk.rostersAfter(0))
            .accept(release(family), "tiny", family.manifest(), clock.now);
    Digest before = release(family).key();
    trust.rotate(false);
    assertThat(release(family).key()).isNotEqualTo(before);
    device
        .follow(desk.rostersAfter(1))
        .accept(release(family), "tiny", family.manifest(), clock.now);
  }

  @Test
  void whatWasPublishedBeforeThereWereReleasesIsSignedInItsOrder() throws Exception {
    PublishedFamily old = catalogue.add(TinyFamily.of("tiny", 8, 1).manifest().toByteArray());
    PublishedFamily next = catalogue.add(TinyFamily.of("tiny", 8, 2).manifest().toByteArray());
    desk.signAll();
    assertThat(release(old).version()).isEqualTo(1);
    assertThat(release(next).version()).isEqualTo(2);
  }

  @Test
  void permitsAnOlderVersionByANewerRelease() throws Exception {
    PublishedFamily family = publish(1);
    PublishedFamily next = publish(2);
    desk.permit(next);
    assertThat(release(next).version()).isEqualTo(2);
    desk.permit(family);
    assertThat(release(family).version()).isEqualTo(3);
    desk.permit(next);
    assertThat(release(next).version()).isEqualTo(4);
    Files.delete(directory.resolve("keys").resolve("release.key"));
    desk.permit(next);
    assertThatThrownBy(() -> desk.permit(family))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("needs a release above 4, and there is no release key here");
  }

  private ManifestRelease brought(
      SigningKey key, String family, long version, Digest manifest, Instant issued)
      throws Exception {
    return ManifestRelease.create(
        family,
        version,
        Blob.newBuilder().setSha256(manifest.bytes()).setSizeBytes(9).build(),
        issued,
        issued.plus(Duration.ofDays(10)),
        key);
  }

  @Test
  void withoutTheKeyOnlyWhatWasSignedElsewhereIsTaken() throws Exception {
    SigningKey key = SigningKey.read(directory.resolve("keys").resolve("release.key"));
    Files.delete(directory.resolve("keys").resolve("release.key"));
    assertThat(desk.signs()).isFalse();
    PublishedFamily family = catalogue.add(TinyFamily.of("tiny", 8, 1).manifest().toByteArray());
    Digest manifest = family.manifest();
    ManifestRelease fifth = brought(key, "tiny", 5, manifest, START);
    desk.published(family, Optional.of(desk.check(fifth.signed(), "tiny", manifest)));
    assertThat(release(family).version()).isEqualTo(5);
    clock.now = START.plus(Duration.ofDays(9));
    assertThat(release(family).signed()).as("nobody can renew it").isEqualTo(fifth.signed());
    ManifestRelease renewal = brought(key, "tiny", 5, manifest, clock.now);
    desk.published(family, Optional.of(desk.check(renewal.signed(), "tiny", manifest)));
    assertThat(release(family).expires()).isEqualTo(renewal.expires());
  }

  @Test
  void aBroughtReleaseThatDevicesWouldNotTakeIsRefused() throws Exception {
    PublishedFamily family = publish(1);
    PublishedFamily next = publish(2);
    SigningKey key = SigningKey.read(directory.resolve("keys").resolve("release.key"));
    Digest manifest = next.manifest();
    assertRefused(brought(SigningKey.create(), "tiny", 9, manifest, START), "wrong software: ");
    assertRefused(brought(key, "tiny", 9, family.manifest(), START), "(expected: ");
    assertRefused(brought(key, "other", 9, manifest, START), "of other (expected: ");
    assertRefused(
        brought(key, "tiny", 9, manifest, START.minus(Duration.ofDays(10))), "expired at");
    assertRefused(
        brought(key, "tiny", 1, manifest, START), "release.version: 1 (expected: above 2");
  }

  private void assertRefused(ManifestRelease release, String words) throws Exception {
    Digest manifest = catalogue.latest("tiny").orElseThrow().manifest();
    assertThatThrownBy(() -> desk.check(release.signed(), "tiny", manifest))
        .isInstanceOf(MalformedException.class)
        .hasMessageStartingWith("release")
        .hasMessageContaining(words);
  }
}
