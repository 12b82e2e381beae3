package dev.heirloom.edge.slot;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.HeldTrust;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.trust.DeviceTrust;
import dev.heirloom.runtime.trust.KeyRoster;
import dev.heirloom.runtime.trust.ManifestRelease;
import dev.heirloom.runtime.trust.TrustException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps whom the device trusts, in the file {@code trust}: the message and its SHA-256. Nothing is
 * fetched for an order before this has accepted it.
 */
final class TrustKeeper {
  private static final String FILE = "trust";
  private static final int LARGEST_BYTES = 1 << 20;

  /** Clocks of devices drift; less than this is not worth a line. */
  private static final Duration UNREMARKABLE = Duration.ofMinutes(5);

  private final Path root;
  private final Disk disk;
  private final Clock clock;
  private final Consumer<String> notes;
  private final boolean given;
  private DeviceTrust trust;

  /**
   * Reads what the device trusts.
   *
   * @param given the roster that the device was given with its installation; it counts more than
   *     one that was met
   * @param notes takes lines for a person
   */
  TrustKeeper(
      Path root, Disk disk, Optional<KeyRoster> given, Clock clock, Consumer<String> notes) {
    this.root = root;
    this.disk = disk;
    this.clock = clock;
    this.notes = notes;
    this.given = given.isPresent();
    this.trust = begin(given);
  }

  private DeviceTrust begin(Optional<KeyRoster> roster) {
    DeviceTrust fresh = roster.map(DeviceTrust::in).orElse(DeviceTrust.none());
    try {
      Optional<DeviceTrust> kept = read();
      return kept.filter(found -> roster.map(found::beganWith).orElse(true)).orElse(fresh);
    } catch (IOException | MalformedException e) {
      notes.accept(
          "what this device trusted cannot be read (%s); it begins anew with %s"
              .formatted(
                  e.getMessage(),
                  given ? "the roster that it was given" : "the next control plane"));
      return fresh;
    }
  }

  private Optional<DeviceTrust> read() throws IOException, MalformedException {
    Optional<byte[]> content = Sealed.read(root.resolve(FILE), LARGEST_BYTES);
    if (content.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(DeviceTrust.of(HeldTrust.parseFrom(content.get())));
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("trust: damaged", e);
    }
  }

  /** Version of the roster in force; 0 where there is none. */
  synchronized long rosterVersion() {
    return trust.roster().map(KeyRoster::version).orElse(0L);
  }

  /**
   * Accepts an order, and remembers that, or refuses it.
   *
   * @throws InstallException naming the attack that the order may be part of
   */
  synchronized void accept(Assignment assignment) throws InstallException {
    try {
      DeviceTrust followed = trust.follow(assignment.permit().rosters());
      tellOfKeys(followed);
      // Also where the release is refused: a revoked key must not come back.
      keep(followed);
      if (assignment.permit().release().equals(SignedRelease.getDefaultInstance())) {
        throw new InstallException(Check.TRUST, "wrong software: the order came without a release");
      }
      Instant now = clock.instant();
      ManifestRelease release = ManifestRelease.parse(assignment.permit().release());
      DeviceTrust accepted =
          followed.accept(release, assignment.family(), Digest.of(assignment.manifest()), now);
      tellOfClock(accepted.behind(now));
      keep(accepted);
    } catch (TrustException e) {
      throw new InstallException(Check.TRUST, e.getMessage() + wayOut(e.attack()));
    } catch (MalformedException | IOException e) {
      throw new InstallException(Check.TRUST, e);
    }
  }

  /** What to do where the control plane is the right one, and the device met another before. */
  private String wayOut(TrustException.Attack attack) {
    return given || attack != TrustException.Attack.WRONG_SOFTWARE
        ? ""
        : "; this device trusts the first control plane that it met: --trust FILE gives it another"
            + " roster";
  }

  private void tellOfKeys(DeviceTrust followed) {
    long version = followed.roster().map(KeyRoster::version).orElse(0L);
    if (version == rosterVersion()) {
      return;
    }
    notes.accept(
        rosterVersion() == 0
            ? "trusts the keys of this control plane from now on (roster %d)".formatted(version)
            : "follows to roster %d of the fleet's keys".formatted(version));
  }

  private void tellOfClock(Duration behind) {
    if (behind.compareTo(UNREMARKABLE) > 0) {
      notes.accept(
          "the clock of this device is wrong: it is behind by at least %d minutes"
              .formatted(behind.toMinutes()));
    }
  }

  private void keep(DeviceTrust next) throws IOException {
    if (next.held().equals(trust.held())) {
      return;
    }
    disk.replace(root.resolve(FILE), Sealed.seal(next.held().toByteArray()));
    disk.syncDirectory(root);
    trust = next;
  }
}
