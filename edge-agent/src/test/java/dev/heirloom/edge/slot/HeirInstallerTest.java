package dev.heirloom.edge.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.edge.fixture.GoldenOutputs;
import dev.heirloom.edge.fixture.MemoryFetcher;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.edge.slot.BlobFetcher.FetchInterruptedException;
import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.session.SessionSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeirInstallerTest {
  private static final SessionSettings ONE_THREAD = SessionSettings.cpu(1);

  private final Path root;

  private final SmallFamily family = SmallFamily.create();
  private final MemoryFetcher fetcher = new MemoryFetcher(family, 64);
  private final StateDirectory state;

  HeirInstallerTest(@TempDir Path root) throws Exception {
    this.root = root;
    state = StateDirectory.open(root);
  }

  @AfterEach
  void close() throws IOException {
    state.close();
  }

  private HeirInstaller installer() {
    return installer(state);
  }

  private static HeirInstaller installer(StateDirectory directory) {
    return new Installers(directory, 1, ONE_THREAD, Optional.empty(), note -> {})
        .of("", true, note -> {});
  }

  private FetchTally install(HeirInstaller installer, SmallFamily from, long decision, int rung)
      throws Exception {
    FetchTally tally = new FetchTally(decision);
    Assignment assignment = Assignment.of(from.desired(decision, rung));
    MemoryFetcher fetching = new MemoryFetcher(from, 64);
    HeirInstaller.Fetched fetched =
        installer.fetch(installer.open(assignment, fetching, tally), true, fetching, tally);
    try (HeirInstaller.Prepared prepared = installer.prepare(fetched)) {
      installer.commit(prepared);
    }
    return tally;
  }

  private static void assertTurnedDown(Check check, ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            InstallException.class, e -> assertThat(e.check()).as(e.getMessage()).isEqualTo(check));
  }

  @Test
  void firstAssignmentCostsTheRungTheManifestAndTheProbe() throws Exception {
    FetchTally tally = install(installer(), family, 1, 1);
    assertThat(tally.missingBytes()).isEqualTo(family.bytesFor(1));
  }

  @Test
  void promotionCostsTheMissingBandsAndThePatch() throws Exception {
    install(installer(), family, 1, 1);
    FetchTally tally = install(installer(), family, 2, 3);
    assertThat(tally.missingBytes()).isEqualTo(family.bytesBetween(1, 3));
  }

  @Test
  void demotionCostsThePatchAndComingBackNothing() throws Exception {
    install(installer(), family, 1, 3);
    long patch = family.manifest().getRungs(0).getPatch().getSizeBytes();
    assertThat(install(installer(), family, 2, 1).missingBytes()).isEqualTo(patch);
    assertThat(install(installer(), family, 3, 3).missingBytes()).isZero();
  }

  @Test
  void resumesWithTheHeirInForceWithoutAnyNetwork() throws Exception {
    assertThat(installer().resume()).isEmpty();
    install(installer(), family, 1, 2);
    try (Heir heir = installer().resume().orElseThrow()) {
      assertThat(heir.identity().rung()).isEqualTo(2);
      assertThat(heir.probe()).isPresent();
      assertThat(heir.probeResult().samples()).isEqualTo(SmallFamily.PROBE_SAMPLES);
      assertThat(heir.probeResult().correct()).isEqualTo(heir.probeResult().agreeing());
    }
  }

  @Test
  void turnsDownAnHeirWhoseOutputsDifferFromTheGoldenOnes() throws Exception {
    SmallFamily wrong = SmallFamily.withWrongGoldenOutputs();
    HeirInstaller installer = installer();
    assertTurnedDown(Check.GOLDEN_OUTPUTS, () -> install(installer, wrong, 1, 1));
    assertThat(installer.resume()).isEmpty();
  }

  @Test
  void comparesNumbersWithWhatTheTeacherAnswered() throws Exception {
    SmallFamily numbers = SmallFamily.ofNumbers(0);
    install(installer(), numbers, 1, 3);
    try (Heir heir = installer().resume().orElseThrow()) {
      assertThat(heir.probeResult())
          .isEqualTo(
              new ProbeResult(
                  SmallFamily.PROBE_SAMPLES, SmallFamily.PROBE_SAMPLES, SmallFamily.PROBE_SAMPLES));
    }
    install(installer(), numbers, 2, 2);
    try (Heir heir = installer().resume().orElseThrow()) {
      double agreement = numbers.manifest().getRungs(1).getProbeAgreement();
      assertThat(agreement).isBetween(0.05, 0.95);
      assertThat(heir.probeResult().agreeing())
          .isEqualTo(Math.round(agreement * SmallFamily.PROBE_SAMPLES));
    }
  }

  @Test
  void turnsDownNumbersThatAgreeLessThanTheirMakerFound() throws Exception {
    SmallFamily overstated = SmallFamily.ofNumbers(0.06);
    HeirInstaller installer = installer();
    assertTurnedDown(Check.PROBE, () -> install(installer, overstated, 1, 2));
    assertThat(installer.resume()).isEmpty();
  }

  @Test
  void withoutLabelsWhatAgreesWithTheTeacherIsCorrect() throws Exception {
    SmallFamily unlabelled = SmallFamily.unlabelled();
    install(installer(), unlabelled, 1, 2);
    try (Heir heir = installer().resume().orElseThrow()) {
      double agreement = unlabelled.manifest().getRungs(1).getAgreement();
      assertThat(heir.probeResult().correct())
          .isEqualTo(heir.probeResult().agreeing())
          .isEqualTo(Math.round(agreement * SmallFamily.PROBE_SAMPLES));
    }
  }

  @Test
  void turnsDownARungThatDoesNotExistAndAnotherFamilysManifest() {
    HeirInstaller installer = installer();
    assertTurnedDown(Check.ASSEMBLE, () -> install(installer, family, 1, 9));
    Desired unpermitted = family.desired(1, 1).toBuilder().setFamily("other").build();
    assertTurnedDown(
        Check.TRUST, () -> installer.open(Assignment.of(unpermitted), fetcher, new FetchTally(1)));
    Desired other =
        family
            .desired(
                1, 1, SmallFamily.KEYS.release("other", 1, family.manifestBlob(), Instant.now()))
            .toBuilder()
            .setFamily("other")
            .build();
    assertTurnedDown(
        Check.ASSEMBLE, () -> installer.open(Assignment.of(other), fetcher, new FetchTally(1)));
  }

  @Test
  void fetchesNothingForAnOrderThatNobodyPermitted() {
    Desired bare = family.desired(1, 1).toBuilder().clearRelease().build();
    assertTurnedDown(
        Check.TRUST, () -> installer().open(Assignment.of(bare), fetcher, new FetchTally(1)));
    assertThat(fetcher.asked()).isEmpty();
  }

  @Test
  void damagedHeirOnDiskIsAssembledAnewFromItsParts() throws Exception {
    install(installer(), family, 1, 2);
    install(installer(), family, 2, 3);
    flip(HEIR_IN_FORCE);
    assertResumes(3, "digest differs)); rung 3 of small is assembled anew from its parts");
    assertResumes(3);
    Files.delete(root.resolve(HEIR_IN_FORCE));
    assertResumes(3, "heir.onnx (NoSuchFileException)); rung 3 of small is assembled anew");
    Files.delete(root.resolve(HEIR_BEFORE));
    assertResumes(3);
  }

  @Test
  void withoutItsPartsTheHeirBeforeServes() throws Exception {
    install(installer(), family, 1, 2);
    install(installer(), family, 2, 3);
    flip(HEIR_IN_FORCE);
    damage(Digest.of(family.manifest().getLayers(0).getBands(2).getBlob()));
    assertResumes(2, "rung 2 of small, which served before, serves again");
    assertResumes(2);
    install(installer(), family, 3, 3);
    assertResumes(3);
  }

  @Test
  void aDamagedPointerLeadsToTheHeirBefore() throws Exception {
    install(installer(), family, 1, 2);
    install(installer(), family, 2, 3);
    flip("current");
    assertResumes(2, "rung 2 of small, which served before, serves again");
    Files.delete(root.resolve("current"));
    assertResumes(2, "the file current is missing");
  }

  @Test
  void anHeirThatNoLongerGivesTheGoldenOutputsIsNotMadeOfParts() throws Exception {
    install(installer(), family, 1, 2);
    flip("slots/a/heir.onnx");
    damage(Digest.of(family.manifest().getProbe()));
    assertThatThrownBy(() -> installer().resume())
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("heir.onnx: damaged");
    assertThat(install(installer(), family, 1, 2).missingBytes())
        .isEqualTo(family.manifest().getProbe().getSizeBytes());
    assertResumes(2);
  }

  private static final String HEIR_BEFORE = "slots/a/heir.onnx";
  private static final String HEIR_IN_FORCE = "slots/b/heir.onnx";

  private void flip(String name) throws IOException {
    Path file = root.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);
  }

  private void assertResumes(int rung, String... said) throws Exception {
    List<String> notes = new ArrayList<>();
    HeirInstaller installer =
        new Installers(state, 1, ONE_THREAD, Optional.empty(), notes::add).of("", true, notes::add);
    try (Heir heir = installer.resume().orElseThrow()) {
      assertThat(heir.identity().rung()).isEqualTo(rung);
      new GoldenOutputs(family).assertGivenBy(heir);
    }
    assertThat(notes).hasSize(said.length);
    for (int i = 0; i < said.length; i++) {
      assertThat(notes.get(i)).contains(said[i]);
    }
  }

  @Test
  void blobDamagedOnDiskIsDroppedAndFetchedAgain() throws Exception {
    install(installer(), family, 1, 1);
    Digest band = Digest.of(family.manifest().getLayers(0).getBands(0).getBlob());
    damage(band);
    assertThatThrownBy(() -> install(installer(), family, 2, 2))
        .isInstanceOf(FetchInterruptedException.class)
        .hasMessageContaining("once more");
    install(installer(), family, 2, 2);
    damage(Digest.of(family.manifestBlob()));
    assertThatThrownBy(() -> install(installer(), family, 3, 3))
        .isInstanceOf(FetchInterruptedException.class);
    install(installer(), family, 3, 3);
  }

  private void damage(Digest digest) throws IOException {
    Path file = root.resolve("blobs").resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
    byte[] bytes = Files.readAllBytes(file);
    bytes[0] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void crashAtAnyStepLeavesTheOldHeirOrTheNewOne() throws Exception {
    for (int failing = 0; failing < 8; failing++) {
      Path fresh = Files.createTempDirectory(root, "crash");
      try (StateDirectory directory = StateDirectory.open(fresh)) {
        install(installer(directory), family, 1, 1);
        HeirInstaller crashing =
            new HeirInstaller(
                "",
                new HeldBlobs(directory.blobs(), 1),
                new Slots(fresh, new SlotsTest.FailingDisk(failing)),
                new TrustKeeper(
                    fresh, Disk.local(), Optional.empty(), Clock.systemUTC(), note -> {}),
                ONE_THREAD,
                note -> {});
        assertTurnedDown(Check.COMMIT, () -> install(crashing, family, 2, 3));
        Optional<Heir> heir = installer(directory).resume();
        assertThat(heir).as("failing operation %d", failing).isPresent();
        assertThat(heir.get().identity().rung()).isIn(1, 3);
        heir.get().close();
      }
    }
  }

  @Test
  void stateDirectoryServesOneAgentAtATime() {
    assertThatThrownBy(() -> StateDirectory.open(root))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another agent is running on it");
  }

  @Test
  void stateDirectoryMustBeADirectory() throws Exception {
    Path file = Files.createFile(root.resolve("file"));
    assertThatThrownBy(() -> StateDirectory.open(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a directory");
  }

  @Test
  void refusesOrdersThatCannotBe() {
    Desired good = family.desired(1, 1);
    assertThatThrownBy(() -> Assignment.of(good.toBuilder().clearManifest().build()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("manifest.sha256");
    assertThatThrownBy(() -> Assignment.of(good.toBuilder().setRung(0).build()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("rung");
    assertThatThrownBy(
            () ->
                Assignment.of(
                    good.toBuilder()
                        .setManifest(good.getManifest().toBuilder().setSizeBytes(-1))
                        .build()))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("manifest.size_bytes");
  }

  @Test
  void goldenComparisonFailsOnNanAndOnLength() throws Exception {
    SelfTest.compare("y", new float[] {1, -2.001f}, new float[] {1, -2});
    assertTurnedDown(
        Check.GOLDEN_OUTPUTS,
        () -> SelfTest.compare("y", new float[] {1, -2.01f}, new float[] {1, -2}));
    assertTurnedDown(
        Check.GOLDEN_OUTPUTS,
        () -> SelfTest.compare("y", new float[] {1, Float.NaN}, new float[] {1, -2}));
    assertTurnedDown(
        Check.GOLDEN_OUTPUTS, () -> SelfTest.compare("y", new float[] {1}, new float[] {1, -2}));
  }

  @Test
  void probeFailsWhereAgreementIsFarBelowTheRungs() throws Exception {
    SelfTest.checkAgreement(190, 200, 0.95);
    SelfTest.checkAgreement(175, 200, 0.95);
    assertTurnedDown(Check.PROBE, () -> SelfTest.checkAgreement(100, 200, 0.95));
  }
}
