package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Manifests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FamilyIntakeTest {
  private final Path directory;
  private final DirectoryBlobStore blobs;
  private final DirectoryCatalogue catalogue;
  private final BlobClaims claims = new BlobClaims();
  private final TinyFamily family;

  FamilyIntakeTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.blobs = new DirectoryBlobStore(directory.resolve("blobs"));
    this.catalogue = DirectoryCatalogue.open(directory.resolve("families"), Clock.systemUTC());
    this.family = TinyFamily.small();
  }

  private FamilyIntake begin() throws Exception {
    return begin(family.manifest());
  }

  private FamilyIntake begin(Manifest manifest) throws Exception {
    return FamilyIntake.begin(manifest.toByteString(), blobs, catalogue, claims);
  }

  private ByteString content(Blob blob) throws Exception {
    return ByteString.copyFrom(family.blobs().read(blob));
  }

  private void send(FamilyIntake intake, List<Blob> some) throws Exception {
    for (Blob blob : some) {
      intake.piece(Digest.of(blob), 0, content(blob));
    }
  }

  @Test
  void publishesOnceEveryBlobIsThere() throws Exception {
    try (FamilyIntake intake = begin()) {
      send(intake, Manifests.all(family.manifest()));
      assertThat(catalogue.all()).isEmpty();
      assertThat(intake.finish(false).manifest()).isEqualTo(family.digest());
    }
    assertThat(catalogue.latest("tiny")).isPresent();
    assertThat(blobs.has(family.digest())).as("the manifest can be fetched").isTrue();
  }

  @Test
  void namesTheBlobsThatAreStillMissing() throws Exception {
    List<Blob> all = Manifests.all(family.manifest());
    assertThat(FamilyIntake.missing(family.manifest(), blobs)).isEqualTo(all);
    try (FamilyIntake intake = begin()) {
      send(intake, all.subList(0, 3));
      assertThatThrownBy(() -> intake.finish(false))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining((all.size() - 3) + " blobs are missing");
    }
    assertThat(catalogue.all()).isEmpty();
    assertThat(FamilyIntake.missing(family.manifest(), blobs))
        .isEqualTo(all.subList(3, all.size()));
    try (FamilyIntake rest = begin()) {
      send(rest, all.subList(3, all.size()));
      rest.finish(false);
    }
    assertThat(catalogue.all()).hasSize(1);
  }

  @Test
  void refusesABlobWithAFlippedByteAndTakesItRightAfterwards() throws Exception {
    Blob blob = family.manifest().getSkeleton();
    byte[] flipped = content(blob).toByteArray();
    flipped[flipped.length - 1] ^= 1;
    try (FamilyIntake intake = begin()) {
      assertThatThrownBy(() -> intake.piece(Digest.of(blob), 0, ByteString.copyFrom(flipped)))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("damaged");
    }
    assertThat(blobs.has(Digest.of(blob))).isFalse();
    try (FamilyIntake intake = begin()) {
      send(intake, Manifests.all(family.manifest()));
      intake.finish(false);
    }
  }

  @Test
  void continuesABlobThatArrivedInPartBefore() throws Exception {
    Blob blob = family.manifest().getSkeleton();
    ByteString content = content(blob);
    try (FamilyIntake intake = begin()) {
      intake.piece(Digest.of(blob), 0, content.substring(0, 10));
    }
    try (FamilyIntake intake = begin()) {
      intake.piece(Digest.of(blob), 0, content.substring(0, 4));
      intake.piece(Digest.of(blob), 0, content);
      assertThat(blobs.has(Digest.of(blob))).isTrue();
    }
  }

  @Test
  void refusesPiecesThatLeaveAGapOrGoPastTheEnd() throws Exception {
    Blob blob = family.manifest().getSkeleton();
    ByteString content = content(blob);
    try (FamilyIntake intake = begin()) {
      assertThatThrownBy(() -> intake.piece(Digest.of(blob), 1, content))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("piece.offset_bytes: 1");
      assertThatThrownBy(() -> intake.piece(Digest.of(blob), -1, content))
          .isInstanceOf(MalformedException.class);
      assertThatThrownBy(
              () -> intake.piece(Digest.of(blob), 0, content.concat(ByteString.copyFromUtf8("x"))))
          .isInstanceOf(MalformedException.class);
      assertThatThrownBy(
              () -> intake.piece(Digest.of(new byte[] {1}), 0, ByteString.copyFromUtf8("x")))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("not a blob of this manifest");
    }
  }

  @Test
  void refusesAFamilyThatCannotBeAssembled() throws Exception {
    Manifest.Builder other = family.manifest().toBuilder();
    byte[] noModel = {1, 2, 3};
    other.setSkeleton(BlobStore.blob(noModel));
    for (int rung = 1; rung <= other.getRungsCount(); rung++) {
      other.getRungsBuilder(rung - 1).setSizeBytes(Manifests.sizeBytes(other.build(), rung));
    }
    try (FamilyIntake intake = begin(other.build())) {
      for (Blob blob : Manifests.all(other.build())) {
        intake.piece(
            Digest.of(blob),
            0,
            blob.equals(other.getSkeleton()) ? ByteString.copyFrom(noModel) : content(blob));
      }
      assertThatThrownBy(() -> intake.finish(false)).isInstanceOf(MalformedException.class);
    }
    assertThat(catalogue.all()).isEmpty();
  }

  @Test
  void removesADamagedCopySoThatTheNextIntakeBringsItAgain() throws Exception {
    try (FamilyIntake intake = begin()) {
      send(intake, Manifests.all(family.manifest()));
      intake.finish(false);
    }
    Blob blob = family.manifest().getSkeleton();
    String hex = Digest.of(blob).hex();
    Path file = directory.resolve("blobs/" + hex.substring(0, 2) + "/" + hex);
    byte[] bytes = Files.readAllBytes(file);
    bytes[0] ^= 1;
    Files.write(file, bytes);
    try (FamilyIntake intake = begin()) {
      assertThatThrownBy(() -> intake.finish(false))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("publish again");
    }
    assertThat(FamilyIntake.missing(family.manifest(), blobs)).containsExactly(blob);
  }

  @Test
  void keepsTwoPublishersOutOfTheSameBlob() throws Exception {
    Blob blob = family.manifest().getSkeleton();
    ByteString content = content(blob);
    try (FamilyIntake first = begin();
        FamilyIntake second = begin()) {
      first.piece(Digest.of(blob), 0, content.substring(0, 5));
      assertThatThrownBy(() -> second.piece(Digest.of(blob), 0, content))
          .isInstanceOf(BlobClaims.BlobBusyException.class);
      first.close();
      second.piece(Digest.of(blob), 0, content);
    }
    assertThat(blobs.has(Digest.of(blob))).isTrue();
  }
}
