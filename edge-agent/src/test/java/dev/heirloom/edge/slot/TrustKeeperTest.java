package dev.heirloom.edge.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.edge.fixture.FleetKeys;
import dev.heirloom.edge.slot.Assignment.Permit;
import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.trust.KeyRoster;
import dev.heirloom.runtime.trust.ManifestRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustKeeperTest {
  private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  private static final Blob OLD = BlobStore.blob(new byte[] {1});
  private static final Blob NEW = BlobStore.blob(new byte[] {2});

  @TempDir private Path root;

  private final FleetKeys keys = new FleetKeys();
  private final KeyRoster roster = keys.roster();
  private final List<String> notes = new ArrayList<>();

  private TrustKeeper keeper(Optional<KeyRoster> given, Instant clock) {
    return new TrustKeeper(
        root, Disk.local(), given, Clock.fixed(clock, ZoneOffset.UTC), notes::add);
  }

  private TrustKeeper keeper() {
    return keeper(Optional.empty(), NOW);
  }

  private Assignment order(Blob manifest, SignedRelease release) {
    return order(manifest, release, roster);
  }

  private static Assignment order(Blob manifest, SignedRelease release, KeyRoster by) {
    return new Assignment(1, "small", manifest, 1, "", new Permit(release, List.of(by.signed())));
  }

  private SignedRelease release(long version, Blob manifest) {
    return release(version, manifest, NOW.minusSeconds(60));
  }

  private SignedRelease release(long version, Blob manifest, Instant issued) {
    ManifestRelease release = keys.release("small", version, manifest, issued);
    return release.signed();
  }

  private static void assertRefused(TrustKeeper keeper, Assignment order, String words) {
    assertThatThrownBy(() -> keeper.accept(order))
        .isInstanceOfSatisfying(
            InstallException.class, e -> assertThat(e.check()).isEqualTo(Check.TRUST))
        .hasMessageContaining(words);
  }

  @Test
  void whatWasAcceptedIsRememberedByTheNextProcess() throws Exception {
    keeper().accept(order(NEW, release(2, NEW)));
    assertThat(notes)
        .containsExactly("trusts the keys of this control plane from now on (roster 1)");
    TrustKeeper next = keeper();
    assertThat(next.rosterVersion()).isEqualTo(1);
    assertRefused(next, order(OLD, release(1, OLD)), "rollback: release 1 of small");
    next.accept(order(NEW, release(2, NEW)));
  }

  @Test
  void anOrderWithoutAReleaseIsRefused() {
    assertRefused(
        keeper(), order(OLD, SignedRelease.getDefaultInstance()), "came without a release");
  }

  @Test
  void theRosterThatWasGivenCountsMoreThanOneThatWasMet() throws Exception {
    FleetKeys strangers = new FleetKeys();
    SignedRelease theirs = strangers.release("small", 1, OLD, NOW).signed();
    keeper().accept(order(OLD, theirs, strangers.roster()));
    assertRefused(keeper(), order(OLD, release(1, OLD)), "--trust FILE gives it another roster");
    TrustKeeper given = keeper(Optional.of(roster), NOW);
    assertRefused(given, order(OLD, theirs, strangers.roster()), "wrong software: ");
    given.accept(order(OLD, release(1, OLD)));
    // Given again, it keeps what has been accepted under it.
    assertRefused(keeper(Optional.of(roster), NOW), order(NEW, release(1, NEW)), "mix-and-match: ");
  }

  @Test
  void damageIsSaidAndTrustBeginsAnew() throws Exception {
    keeper().accept(order(NEW, release(2, NEW)));
    Path file = root.resolve("trust");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 20, whole.length - 1}) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      notes.clear();
      assertThat(keeper().rosterVersion()).isZero();
      assertThat(notes).hasSize(1).first().asString().contains("cannot be read (trust: ");
    }
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    Files.write(file, flipped);
    assertThat(keeper(Optional.of(roster), NOW).rosterVersion()).isEqualTo(1);
    Files.write(file, whole);
    assertThat(keeper().rosterVersion()).isEqualTo(1);
  }

  @Test
  void aClockThatIsBehindIsToldOfAndTolerated() throws Exception {
    keeper(Optional.empty(), Instant.EPOCH).accept(order(OLD, release(1, OLD)));
    assertThat(notes).last().asString().startsWith("the clock of this device is wrong: it is");
  }

  @Test
  void anExpiredReleaseIsNotInstalled() {
    assertRefused(
        keeper(), order(OLD, release(1, OLD, Instant.parse("2026-05-01T00:00:00Z"))), "freeze: ");
  }

  @Test
  void whatCannotBeRememberedIsNotAccepted() {
    TrustKeeper keeper =
        new TrustKeeper(
            root,
            new SlotsTest.FailingDisk(0),
            Optional.empty(),
            Clock.fixed(NOW, ZoneOffset.UTC),
            notes::add);
    assertRefused(keeper, order(OLD, release(1, OLD)), "");
    assertThat(keeper.rosterVersion()).isZero();
  }
}
