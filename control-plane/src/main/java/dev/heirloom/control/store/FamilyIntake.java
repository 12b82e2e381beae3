package dev.heirloom.control.store;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.PartialBlob;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One family version on its way in: first its manifest, then the blobs that were missing, then
 * {@link #finish}, which checks all of it before the version exists. What arrived of an interrupted
 * intake is kept for the next. Its calls block and must not overlap.
 */
public final class FamilyIntake implements AutoCloseable {
  private final DirectoryBlobStore blobs;
  private final DirectoryCatalogue catalogue;
  private final ByteString manifestBytes;
  private final Manifest manifest;
  private final Map<Digest, Blob> missing;
  private final BlobClaims claims;
  private final BlobClaims.Hold hold;
  private Optional<Arriving> arriving = Optional.empty();
  private long receivedBytes;

  /** The blob whose pieces are arriving. */
  private record Arriving(Digest digest, PartialBlob partial) {}

  private FamilyIntake(
      DirectoryBlobStore blobs,
      DirectoryCatalogue catalogue,
      BlobClaims claims,
      BlobClaims.Hold hold,
      ByteString manifestBytes,
      Manifest manifest,
      Map<Digest, Blob> missing) {
    this.blobs = blobs;
    this.catalogue = catalogue;
    this.claims = claims;
    this.hold = hold;
    this.manifestBytes = manifestBytes;
    this.manifest = manifest;
    this.missing = missing;
  }

  /** Begins with the bytes of a manifest; the caller closes it. */
  public static FamilyIntake begin(
      ByteString manifestBytes,
      DirectoryBlobStore blobs,
      DirectoryCatalogue catalogue,
      BlobClaims claims)
      throws IOException, MalformedException {
    Manifest manifest = Manifests.parse(manifestBytes.toByteArray());
    List<Digest> needed = new ArrayList<>();
    needed.add(Digest.of(manifestBytes.toByteArray()));
    Manifests.all(manifest).forEach(blob -> needed.add(Digest.of(blob)));
    // Before it is known what is missing: what is there now must still be there at the end.
    BlobClaims.Hold hold = claims.hold(needed);
    boolean begun = false;
    try {
      Map<Digest, Blob> missing = new LinkedHashMap<>();
      for (Blob blob : missing(manifest, blobs)) {
        missing.put(Digest.of(blob), blob);
      }
      FamilyIntake intake =
          new FamilyIntake(blobs, catalogue, claims, hold, manifestBytes, manifest, missing);
      begun = true;
      return intake;
    } finally {
      if (!begun) {
        hold.close();
      }
    }
  }

  /**
   * The family's blobs that a store lacks or holds with another size, what the smallest rung needs
   * first.
   */
  public static List<Blob> missing(Manifest manifest, BlobStore blobs)
      throws IOException, MalformedException {
    List<Blob> missing = new ArrayList<>();
    for (Blob blob : Manifests.all(manifest)) {
      Digest digest = Digest.of(blob);
      if (!blobs.has(digest) || blobs.size(digest) != blob.getSizeBytes()) {
        missing.add(blob);
      }
    }
    return missing;
  }

  /** Name of the family. */
  public String family() {
    return manifest.getName();
  }

  /** What it is made of. */
  public Manifest contents() {
    return manifest;
  }

  /** Names the version. */
  public Digest manifest() {
    return Digest.of(manifestBytes.toByteArray());
  }

  /** Bytes that are still to come. */
  public long missingBytes() {
    return missing.values().stream().mapToLong(Blob::getSizeBytes).sum();
  }

  /** Bytes of blobs that came. */
  public long receivedBytes() {
    return receivedBytes;
  }

  /**
   * Takes the next piece of a blob. A piece that was there already, from an earlier intake, is
   * passed over.
   */
  public void piece(Digest digest, long offsetBytes, ByteString content)
      throws IOException, MalformedException {
    Optional<Blob> blob = Optional.ofNullable(missing.get(digest));
    if (blob.isEmpty()) {
      throw new MalformedException(
          "piece.sha256: " + digest + " is not a blob of this manifest that was missing");
    }
    receivedBytes += content.size();
    PartialBlob partial = partial(digest, blob.get());
    if (offsetBytes < 0 || offsetBytes > partial.offset()) {
      throw new MalformedException(
          "piece.offset_bytes: "
              + Long.toUnsignedString(offsetBytes)
              + " of blob "
              + digest
              + " (expected: "
              + partial.offset()
              + ")");
    }
    long known = Math.min(partial.offset() - offsetBytes, content.size());
    partial.append(partial.offset(), content.substring((int) known));
    if (partial.isComplete()) {
      commit(digest, partial);
    }
  }

  private PartialBlob partial(Digest digest, Blob blob) throws IOException, MalformedException {
    if (arriving.isPresent() && arriving.get().digest().equals(digest)) {
      return arriving.get().partial();
    }
    release();
    claims.claim(digest);
    try {
      PartialBlob partial = blobs.partial(blob);
      arriving = Optional.of(new Arriving(digest, partial));
      return partial;
    } catch (IOException | MalformedException e) {
      claims.release(digest);
      throw e;
    }
  }

  private void commit(Digest digest, PartialBlob partial) throws IOException, MalformedException {
    try {
      partial.commit();
      missing.remove(digest);
    } finally {
      release();
    }
  }

  private void release() throws IOException {
    if (arriving.isPresent()) {
      Arriving over = arriving.get();
      arriving = Optional.empty();
      claims.release(over.digest());
      over.partial().close();
    }
  }

  /**
   * Publishes the version, once every blob is there, is what its digest says, and every rung can be
   * assembled from them.
   *
   * @param hold whether devices shall not take it by themselves
   */
  public PublishedFamily finish(boolean hold) throws IOException, MalformedException {
    release();
    if (!missing.isEmpty()) {
      throw new MalformedException(
          "piece: %d blobs are missing, the first is %s"
              .formatted(missing.size(), missing.keySet().iterator().next()));
    }
    for (Blob blob : Manifests.all(manifest)) {
      verify(blob);
    }
    for (int rung = 1; rung <= manifest.getRungsCount(); rung++) {
      HeirAssembler.assemble(manifest, rung, blobs);
    }
    blobs.put(manifestBytes.toByteArray());
    byte[] bytes = manifestBytes.toByteArray();
    return hold ? catalogue.hold(bytes) : catalogue.add(bytes);
  }

  /** A damaged blob is removed, so that the next intake brings it again. */
  private void verify(Blob blob) throws IOException, MalformedException {
    Digest digest = Digest.of(blob);
    try (InputStream content = Channels.newInputStream(blobs.open(digest));
        DigestInputStream digesting = new DigestInputStream(content, sha256())) {
      digesting.transferTo(OutputStream.nullOutputStream());
      if (digest.equals(Digest.wrap(ByteString.copyFrom(digesting.getMessageDigest().digest())))) {
        return;
      }
    }
    blobs.delete(digest);
    throw new MalformedException(
        "blob " + digest + ": the copy held here was damaged and is removed; publish again");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Ends an intake; what arrived of a blob is kept. */
  @Override
  public void close() throws IOException {
    hold.close();
    release();
  }
}
