package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.control.store.FamilyIntake;
import dev.heirloom.proto.v1.BlobPiece;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.trust.ManifestRelease;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call that brings a family; the stream runs its methods one after another, and they block. */
final class PublishCall {
  private static final Logger LOG = LoggerFactory.getLogger(PublishCall.class);
  private static final long RESERVED_BYTES = 64L << 20;

  private final GrpcEndpoint.Ports ports;
  private Optional<FamilyIntake> intake = Optional.empty();
  private Optional<ManifestRelease> release = Optional.empty();
  private boolean hold;
  private boolean over;
  private boolean published;

  PublishCall(GrpcEndpoint.Ports ports) {
    this.ports = ports;
  }

  /**
   * Begins with a family.
   *
   * @param held whether it waits for a rollout, or else becomes the current version
   */
  synchronized void begin(ByteString manifest, boolean held)
      throws IOException, MalformedException {
    checkOpen();
    hold = held;
    if (intake.isPresent()) {
      throw Failures.invalid("manifest", "a second one in the same call");
    }
    checkManifestSize(manifest);
    FamilyIntake begun =
        FamilyIntake.begin(manifest, ports.blobs(), ports.catalogue(), ports.claims());
    intake = Optional.of(begun);
    long free = ports.space().bytes() - RESERVED_BYTES;
    if (begun.missingBytes() > free) {
      throw Failures.exhausted(
          "disk space",
          begun.missingBytes() + " bytes are to come (free: " + Math.max(free, 0) + ")");
    }
  }

  synchronized void release(SignedRelease brought) throws IOException, MalformedException {
    checkOpen();
    FamilyIntake permitted = begun();
    release =
        Optional.of(ports.releases().check(brought, permitted.family(), permitted.manifest()));
  }

  synchronized void piece(BlobPiece piece) throws IOException, MalformedException {
    checkOpen();
    begun()
        .piece(
            Incoming.digest("piece.sha256", piece.getSha256()),
            piece.getOffsetBytes(),
            piece.getContent());
  }

  private void checkOpen() throws IOException {
    if (over) {
      throw new IOException("the call has ended");
    }
  }

  synchronized PublishResponse finish() throws IOException, MalformedException {
    checkOpen();
    FamilyIntake all = begun();
    if (release.isEmpty() && !ports.releases().signs()) {
      throw Failures.invalid(
          "release",
          "missing (this control plane has no release key: 'heirloom sign' signs a family"
              + " elsewhere)");
    }
    PublishedFamily family = all.finish(hold);
    ports.releases().published(family, release);
    ports.meters().published(all.receivedBytes());
    LOG.info(
        "published {} ({}), {} rungs",
        family.name(),
        family.manifest().brief(),
        family.ladder().size());
    boolean current = ports.catalogue().isCurrent(family);
    if (current) {
      ports.twins().published(family);
    }
    published = true;
    return PublishResponse.newBuilder()
        .setFamily(family.name())
        .setManifestSha256(family.manifest().bytes())
        .setReceivedBytes(all.receivedBytes())
        .setCurrent(current)
        .build();
  }

  /** What has begun to come. */
  synchronized FamilyIntake begun() {
    return intake.orElseThrow(
        () -> Failures.invalid("manifest", "missing (expected: before what belongs to it)"));
  }

  synchronized void end() {
    over = true;
    if (intake.isPresent()) {
      try {
        intake.get().close();
      } catch (IOException e) {
        LOG.warn("a partly received blob could not be closed: {}", e.toString());
      }
    }
    if (published) {
      ports.published().run();
    }
  }

  /** Reads a manifest that is not too large. */
  static Manifest manifest(ByteString bytes) throws MalformedException {
    checkManifestSize(bytes);
    return Manifests.parse(bytes.toByteArray());
  }

  private static void checkManifestSize(ByteString manifest) {
    if (manifest.size() > GrpcEndpoint.MAX_MANIFEST_BYTES) {
      throw Failures.exhausted(
          "manifest",
          manifest.size() + " bytes (expected: at most " + GrpcEndpoint.MAX_MANIFEST_BYTES + ")");
    }
  }
}
