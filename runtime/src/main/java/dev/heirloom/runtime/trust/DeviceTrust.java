package dev.heirloom.runtime.trust;

import dev.heirloom.proto.v1.AcceptedRelease;
import dev.heirloom.proto.v1.HeldTrust;
import dev.heirloom.proto.v1.SignedRoster;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.trust.TrustException.Attack;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whom a device trusts, and what it has accepted from them: each value is a state, and what changes
 * it gives the next.
 *
 * <p>A device that was given no roster trusts the first that it meets. What a release key signed is
 * forgotten when that key is revoked, so that a stolen key cannot keep devices from releases to
 * come by a version that no later one reaches (fast-forward).
 */
public final class DeviceTrust {

  private final Optional<KeyRoster> roster;
  private final HeldTrust held;

  private DeviceTrust(Optional<KeyRoster> roster, HeldTrust held) {
    this.roster = roster;
    this.held = held;
  }

  /** A device that trusts nobody yet. */
  public static DeviceTrust none() {
    return new DeviceTrust(Optional.empty(), HeldTrust.getDefaultInstance());
  }

  /** A device that was given a roster with its installation. */
  public static DeviceTrust in(KeyRoster roster) {
    return new DeviceTrust(
        Optional.of(roster),
        HeldTrust.newBuilder()
            .setRoster(roster.signed())
            .setFirstRosterSha256(digest(roster).bytes())
            .build());
  }

  private static Digest digest(KeyRoster roster) {
    return Digest.of(roster.signed().getRoster().toByteArray());
  }

  /** Whether trust began with a roster. */
  public boolean beganWith(KeyRoster given) {
    return held.getFirstRosterSha256().equals(digest(given).bytes());
  }

  /**
   * Reads what {@link #held} gave.
   *
   * @throws MalformedException if it is anything else
   */
  public static DeviceTrust of(HeldTrust held) throws MalformedException {
    try {
      return new DeviceTrust(Optional.of(KeyRoster.parse(held.getRoster())), held);
    } catch (TrustException e) {
      throw new MalformedException(String.valueOf(e.getMessage()), e);
    }
  }

  /** What is to be remembered. */
  public HeldTrust held() {
    return held;
  }

  /** The roster in force; empty before any was met. */
  public Optional<KeyRoster> roster() {
    return roster;
  }

  /**
   * Follows rosters as far as they lead. Those that are known already are passed over.
   *
   * @param rosters in the order of their versions
   * @throws MalformedException if one is not a roster, or one is missing between
   * @throws TrustException if one is not signed by whom it has to be
   */
  public DeviceTrust follow(List<SignedRoster> rosters) throws MalformedException, TrustException {
    DeviceTrust trust = this;
    for (SignedRoster signed : rosters) {
      KeyRoster read = KeyRoster.parse(signed);
      if (trust.roster.isEmpty()) {
        trust = in(read);
      } else if (read.version() > trust.roster.get().version()) {
        trust = trust.after(trust.roster.get(), trust.roster.get().next(signed));
      }
    }
    return trust;
  }

  private DeviceTrust after(KeyRoster before, KeyRoster next) {
    HeldTrust.Builder changed = held.toBuilder().setRoster(next.signed()).clearAccepted();
    for (Digest id : before.releaseKeyIds()) {
      if (!next.releaseKeyIds().contains(id) && !held.getRevokedKeyIdsList().contains(id.bytes())) {
        changed.addRevokedKeyIds(id.bytes());
      }
    }
    held.getAcceptedList().stream()
        .filter(accepted -> next.releaseKeyIds().contains(Digest.wrap(accepted.getKeyId())))
        .forEach(changed::addAccepted);
    return new DeviceTrust(Optional.of(next), changed.build());
  }

  /**
   * Accepts a release for an order to install a manifest.
   *
   * @param release what came with the order
   * @param family that the order names
   * @param manifest that the order names
   * @param clock what this device's clock shows; one that is behind counts as showing the latest
   *     issue that the device knows of
   * @throws TrustException naming the attack that the order may be part of
   */
  public DeviceTrust accept(ManifestRelease release, String family, Digest manifest, Instant clock)
      throws TrustException {
    KeyRoster known =
        roster.orElseThrow(
            () ->
                new TrustException(
                    Attack.WRONG_SOFTWARE, "no roster of keys came with " + release));
    if (held.getRevokedKeyIdsList().contains(release.key().bytes())
        && !known.releaseKeyIds().contains(release.key())) {
      throw new TrustException(
          Attack.KEY_COMPROMISE,
          "%s is signed by key %s, which was revoked".formatted(release, release.key().brief()));
    }
    release.verify(known);
    if (!release.family().equals(family) || !release.manifest().equals(manifest)) {
      throw new TrustException(
          Attack.MIX_AND_MATCH,
          "%s permits manifest %s of %s, the order names %s of %s"
              .formatted(
                  release, release.manifest().brief(), release.family(), manifest.brief(), family));
    }
    checkVersion(release);
    Instant latest = latest(release.issued());
    Instant now = clock.isAfter(latest) ? clock : latest;
    if (!release.expires().isAfter(now)) {
      throw new TrustException(
          Attack.FREEZE,
          "%s expired at %s (this device's clock: %s)"
              .formatted(release, release.expires(), clock));
    }
    return accepted(release, latest);
  }

  /** How far this device's clock must be behind, at least; zero where nothing shows that. */
  public Duration behind(Instant clock) {
    Instant latest = Instant.ofEpochMilli(held.getLatestIssueUnixMs());
    return clock.isBefore(latest) ? Duration.between(clock, latest) : Duration.ZERO;
  }

  private Instant latest(Instant issued) {
    return Instant.ofEpochMilli(Math.max(held.getLatestIssueUnixMs(), issued.toEpochMilli()));
  }

  private void checkVersion(ManifestRelease release) throws TrustException {
    Optional<AcceptedRelease> before = acceptedOf(release.family());
    if (before.isEmpty()) {
      return;
    }
    if (release.version() < before.get().getVersion()) {
      throw new TrustException(
          Attack.ROLLBACK,
          "%s is older than release %d, which this device has accepted"
              .formatted(release, before.get().getVersion()));
    }
    if (release.version() == before.get().getVersion()
        && !release.manifest().bytes().equals(before.get().getManifestSha256())) {
      throw new TrustException(
          Attack.MIX_AND_MATCH,
          "%s permitted manifest %s before, and now %s"
              .formatted(
                  release,
                  Digest.wrap(before.get().getManifestSha256()).brief(),
                  release.manifest().brief()));
    }
  }

  private Optional<AcceptedRelease> acceptedOf(String family) {
    return held.getAcceptedList().stream()
        .filter(accepted -> accepted.getFamily().equals(family))
        .findFirst();
  }

  private DeviceTrust accepted(ManifestRelease release, Instant latest) {
    List<AcceptedRelease> all = new ArrayList<>(held.getAcceptedList());
    all.removeIf(accepted -> accepted.getFamily().equals(release.family()));
    all.add(
        AcceptedRelease.newBuilder()
            .setFamily(release.family())
            .setVersion(release.version())
            .setManifestSha256(release.manifest().bytes())
            .setKeyId(release.key().bytes())
            .build());
    return new DeviceTrust(
        roster,
        held.toBuilder()
            .clearAccepted()
            .addAllAccepted(all)
            .setLatestIssueUnixMs(latest.toEpochMilli())
            .build());
  }
}
