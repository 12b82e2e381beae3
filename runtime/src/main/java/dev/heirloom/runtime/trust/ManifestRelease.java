package dev.heirloom.runtime.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Release;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.trust.TrustException.Attack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * The permission to install a manifest, as a release key signed it. A manifest's bytes never change
 * while it is in use; what does, its permission's version and expiry, is said here.
 */
public final class ManifestRelease {

  private static final int FORMAT = 1;
  private static final int LARGEST_BYTES = 4 << 10;

  private final SignedRelease signed;
  private final Release release;
  private final Digest key;

  private ManifestRelease(SignedRelease signed, Release release, Digest key) {
    this.signed = signed;
    this.release = release;
    this.key = key;
  }

  /**
   * Reads a release. Nothing in it is to be believed before {@link #verify}.
   *
   * @throws MalformedException naming the first field that is wrong
   */
  public static ManifestRelease parse(SignedRelease signed) throws MalformedException {
    if (signed.getSerializedSize() > LARGEST_BYTES) {
      throw new MalformedException(
          "release: %d bytes (expected: at most %d)"
              .formatted(signed.getSerializedSize(), LARGEST_BYTES));
    }
    Release release;
    try {
      release = Release.parseFrom(signed.getRelease());
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("release: not a release, or truncated", e);
    }
    if (release.getFormat() != FORMAT) {
      throw new MalformedException(
          "release.format: %s (expected: %d)"
              .formatted(Integer.toUnsignedString(release.getFormat()), FORMAT));
    }
    if (release.getVersion() < 1) {
      throw new MalformedException("release.version: not above 0");
    }
    if (release.getManifest().getSha256().size() != Digest.LENGTH) {
      throw new MalformedException(
          "release.manifest.sha256: %d bytes (expected: %d)"
              .formatted(release.getManifest().getSha256().size(), Digest.LENGTH));
    }
    if (release.getExpiresUnixMs() <= release.getIssuedUnixMs()) {
      throw new MalformedException("release.expires_unix_ms: not after issued_unix_ms");
    }
    Optional<Digest> key = KeyRoster.id(signed.getSignature());
    return new ManifestRelease(
        signed,
        release,
        key.orElseThrow(
            () ->
                new MalformedException(
                    "release.signature.key_id: %d bytes (expected: %d)"
                        .formatted(signed.getSignature().getKeyId().size(), Digest.LENGTH))));
  }

  /**
   * Reads a release from its file: a SignedRelease.
   *
   * @throws MalformedException if it is not one, naming the file
   */
  public static ManifestRelease read(Path file) throws IOException, MalformedException {
    try {
      return parse(SignedRelease.parseFrom(Files.readAllBytes(file)));
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException(file + ": not a release, or truncated", e);
    } catch (MalformedException e) {
      throw e.in(file.toString());
    }
  }

  /**
   * Makes and signs a release.
   *
   * @param version above that of every earlier release of the family
   */
  public static ManifestRelease create(
      String family, long version, Blob manifest, Instant issued, Instant expires, SigningKey key)
      throws MalformedException {
    ByteString bytes =
        Release.newBuilder()
            .setFormat(FORMAT)
            .setFamily(family)
            .setVersion(version)
            .setManifest(manifest)
            .setIssuedUnixMs(issued.toEpochMilli())
            .setExpiresUnixMs(expires.toEpochMilli())
            .build()
            .toByteString();
    return parse(
        SignedRelease.newBuilder()
            .setRelease(bytes)
            .setSignature(key.sign(Statement.message(Statement.RELEASE, bytes.toByteArray())))
            .build());
  }

  /**
   * Checks that a release key of a roster signed it.
   *
   * @throws TrustException if not
   */
  public void verify(KeyRoster roster) throws TrustException {
    VerificationKey known =
        roster
            .releaseKey(key)
            .orElseThrow(
                () ->
                    new TrustException(
                        Attack.WRONG_SOFTWARE,
                        "%s is signed by key %s, which is none of the %d release keys of roster %d"
                            .formatted(
                                this,
                                key.brief(),
                                roster.releaseKeyIds().size(),
                                roster.version())));
    byte[] message = Statement.message(Statement.RELEASE, signed.getRelease().toByteArray());
    if (!known.signed(message, signed.getSignature().getValue())) {
      throw new TrustException(
          Attack.WRONG_SOFTWARE, "the signature under %s does not fit it".formatted(this));
    }
  }

  /** As it was signed. */
  public SignedRelease signed() {
    return signed;
  }

  /** Name of the family. */
  public String family() {
    return release.getFamily();
  }

  /** Counts up per family. */
  public long version() {
    return release.getVersion();
  }

  /** Names the manifest. */
  public Digest manifest() {
    return Digest.of(release.getManifest());
  }

  public Instant issued() {
    return Instant.ofEpochMilli(release.getIssuedUnixMs());
  }

  /** From then on it is not to be installed. */
  public Instant expires() {
    return Instant.ofEpochMilli(release.getExpiresUnixMs());
  }

  /** Id of the key that is said to have signed it. */
  public Digest key() {
    return key;
  }

  @Override
  public String toString() {
    return "release " + version() + " of " + family();
  }
}
