package dev.heirloom.runtime.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.trust.TrustException.Attack;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceTrustTest {

  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Duration LIFE = Duration.ofDays(90);
  private static final String FAMILY = "shapes";

  private final SigningKey root = SigningKey.create();
  private final SigningKey first = SigningKey.create();
  private final SigningKey second = SigningKey.create();
  private final KeyRoster roster = roster(1, first);
  private final DeviceTrust trust = DeviceTrust.in(roster);

  private KeyRoster roster(long version, SigningKey release) {
    try {
      return KeyRoster.create(
          version, List.of(root.verification()), List.of(release.verification()), List.of(root));
    } catch (MalformedException | TrustException e) {
      throw new AssertionError(e);
    }
  }

  private static Digest manifest(int which) {
    return Digest.of(new byte[] {(byte) which});
  }

  private static ManifestRelease release(long version, int manifest, SigningKey key) {
    return release(version, manifest, key, NOW);
  }

  private static ManifestRelease release(
      long version, int manifest, SigningKey key, Instant issued) {
    try {
      return ManifestRelease.create(
          FAMILY,
          version,
          Blob.newBuilder().setSha256(manifest(manifest).bytes()).setSizeBytes(7).build(),
          issued,
          issued.plus(LIFE),
          key);
    } catch (MalformedException e) {
      throw new AssertionError(e);
    }
  }

  private static DeviceTrust accept(DeviceTrust trust, ManifestRelease release, int manifest)
      throws TrustException {
    return trust.accept(release, FAMILY, manifest(manifest), NOW.plusSeconds(1));
  }

  private static void assertAttack(
      DeviceTrust trust, ManifestRelease release, int manifest, Attack attack, String words) {
    assertThatThrownBy(() -> accept(trust, release, manifest))
        .isInstanceOfSatisfying(TrustException.class, e -> assertThat(e.attack()).isEqualTo(attack))
        .hasMessageStartingWith(attack.title() + ": ")
        .hasMessageContaining(words);
  }

  @Test
  void whatAReleaseKeySignedIsAcceptedAgainAndAgain() throws Exception {
    DeviceTrust once = accept(trust, release(1, 1, first), 1);
    DeviceTrust renewed = accept(once, release(1, 1, first, NOW.plusSeconds(60)), 1);
    DeviceTrust newer = accept(renewed, release(2, 2, first), 2);
    assertThat(DeviceTrust.of(newer.held()).held()).isEqualTo(newer.held());
  }

  @Test
  void anotherKeyIsWrongSoftware() {
    assertAttack(trust, release(1, 1, second), 1, Attack.WRONG_SOFTWARE, "none of the 1 release");
  }

  @Test
  void aChangedReleaseIsWrongSoftware() throws Exception {
    SignedRelease good = release(1, 1, first).signed();
    ManifestRelease forged =
        ManifestRelease.parse(
            good.toBuilder().setRelease(release(9, 2, second).signed().getRelease()).build());
    assertAttack(trust, forged, 2, Attack.WRONG_SOFTWARE, "does not fit");
  }

  @Test
  void aRostersSignatureIsNotAReleases() throws Exception {
    SignedRelease crossed =
        release(1, 1, first).signed().toBuilder()
            .setSignature(
                first.sign(
                    Statement.message(
                        Statement.ROSTER,
                        release(1, 1, first).signed().getRelease().toByteArray())))
            .build();
    assertAttack(trust, ManifestRelease.parse(crossed), 1, Attack.WRONG_SOFTWARE, "does not fit");
  }

  @Test
  void anOlderReleaseIsARollback() throws Exception {
    DeviceTrust later = accept(trust, release(5, 2, first), 2);
    assertAttack(later, release(4, 1, first), 1, Attack.ROLLBACK, "older than release 5");
  }

  @Test
  void anotherManifestThanThePermittedIsAMix() throws Exception {
    assertAttack(trust, release(1, 1, first), 2, Attack.MIX_AND_MATCH, "the order names");
    DeviceTrust once = accept(trust, release(1, 1, first), 1);
    assertAttack(once, release(1, 2, first), 2, Attack.MIX_AND_MATCH, "before, and now");
    assertThatThrownBy(() -> trust.accept(release(1, 1, first), "other", manifest(1), NOW))
        .hasMessageStartingWith("mix-and-match: ");
  }

  @Test
  void anExpiredReleaseIsAFreeze() {
    ManifestRelease old = release(1, 1, first, NOW.minus(LIFE));
    assertAttack(trust, old, 1, Attack.FREEZE, "expired at");
  }

  @Test
  void aClockThatIsBehindNeitherRefusesWhatIsNewNorTakesWhatIsExpired() throws Exception {
    Instant factory = Instant.parse("1970-01-02T00:00:00Z");
    DeviceTrust once = trust.accept(release(2, 2, first), FAMILY, manifest(2), factory);
    assertThat(once.behind(factory)).isEqualTo(Duration.between(factory, NOW));
    assertThat(once.behind(NOW.plusSeconds(1))).isZero();
    ManifestRelease old = release(3, 1, first, NOW.minus(LIFE));
    assertThatThrownBy(() -> once.accept(old, FAMILY, manifest(1), factory))
        .hasMessageStartingWith("freeze: ");
  }

  @Test
  void aRevokedKeyIsNamedAsThat() throws Exception {
    DeviceTrust rotated = trust.follow(List.of(roster.signed(), roster(2, second).signed()));
    assertThat(rotated.roster().orElseThrow().version()).isEqualTo(2);
    assertAttack(rotated, release(1, 1, first), 1, Attack.KEY_COMPROMISE, "was revoked");
    accept(rotated, release(1, 1, second), 1);
  }

  @Test
  void whatAStolenKeySignedDoesNotHoldTheDeviceOnceItIsRevoked() throws Exception {
    DeviceTrust pushed = accept(trust, release(Long.MAX_VALUE, 9, first), 9);
    assertAttack(pushed, release(2, 1, first), 1, Attack.ROLLBACK, "older");
    DeviceTrust rotated = pushed.follow(List.of(roster(2, second).signed()));
    accept(rotated, release(2, 1, second), 1);
  }

  @Test
  void aRosterThatTheOneBeforeDidNotSignIsRefused() throws Exception {
    SigningKey stranger = SigningKey.create();
    KeyRoster usurped =
        KeyRoster.create(
            2,
            List.of(stranger.verification()),
            List.of(stranger.verification()),
            List.of(stranger));
    assertThatThrownBy(() -> trust.follow(List.of(usurped.signed())))
        .isInstanceOf(TrustException.class)
        .hasMessage("key compromise: roster 2 is not signed by a root key of roster 1");
    // A release key is not a root key.
    KeyRoster byRelease =
        KeyRoster.create(
            2,
            List.of(stranger.verification()),
            List.of(stranger.verification()),
            List.of(stranger, first));
    assertThatThrownBy(() -> trust.follow(List.of(byRelease.signed())))
        .isInstanceOf(TrustException.class);
  }

  @Test
  void aRootKeyIsReplacedByOneThatItSigned() throws Exception {
    SigningKey next = SigningKey.create();
    KeyRoster signedByBoth =
        KeyRoster.create(
            2, List.of(next.verification()), List.of(first.verification()), List.of(root, next));
    KeyRoster third =
        KeyRoster.create(
            3, List.of(next.verification()), List.of(second.verification()), List.of(next));
    DeviceTrust followed =
        trust.follow(List.of(roster.signed(), signedByBoth.signed(), third.signed()));
    accept(followed, release(1, 1, second), 1);
    assertThatThrownBy(() -> trust.follow(List.of(third.signed())))
        .isInstanceOf(MalformedException.class)
        .hasMessage("roster.version: 3 (expected: 2)");
  }

  @Test
  void theFirstRosterIsTrustedWhereNoneWasGiven() throws Exception {
    assertAttack(
        DeviceTrust.none(), release(1, 1, first), 1, Attack.WRONG_SOFTWARE, "no roster of keys");
    DeviceTrust met = DeviceTrust.none().follow(List.of(roster.signed()));
    accept(met, release(1, 1, first), 1);
    SigningKey stranger = SigningKey.create();
    KeyRoster other =
        KeyRoster.create(
            1,
            List.of(stranger.verification()),
            List.of(stranger.verification()),
            List.of(stranger));
    assertThat(met.follow(List.of(other.signed())).roster().orElseThrow().releaseKeyIds())
        .containsExactly(first.verification().id());
  }

  @Test
  void rostersAndReleasesThatAreNoneAreRefused() {
    ByteString noise = ByteString.copyFrom(new byte[] {8, 1, 16, 0, (byte) 0xff});
    assertThatThrownBy(
            () -> ManifestRelease.parse(SignedRelease.newBuilder().setRelease(noise).build()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("not a release");
    assertThatThrownBy(
            () -> trust.follow(List.of(roster.signed().toBuilder().setRoster(noise).build())))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(
            () -> KeyRoster.create(1, List.of(), List.of(first.verification()), List.of(root)))
        .hasMessage("roster.root_keys: 0 keys (expected: 1..16)");
  }
}
