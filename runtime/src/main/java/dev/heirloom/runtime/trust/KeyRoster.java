package dev.heirloom.runtime.trust;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.proto.v1.Roster;
import dev.heirloom.proto.v1.Signature;
import dev.heirloom.proto.v1.SignedRoster;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.trust.TrustException.Attack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of a fleet at one time: root keys sign the next roster, release keys sign releases. Each
 * roster is signed by a root key of the one before it and by one of its own, so whoever trusts one
 * can follow to the newest, and a key that is left out is revoked.
 */
public final class KeyRoster {

  private static final int FORMAT = 1;
  private static final int MOST_KEYS = 16;
  private static final int LARGEST_BYTES = 64 << 10;

  private final SignedRoster signed;
  private final long version;
  private final Map<Digest, VerificationKey> rootKeys;
  private final Map<Digest, VerificationKey> releaseKeys;

  private KeyRoster(SignedRoster signed) throws MalformedException {
    Roster roster;
    try {
      roster = Roster.parseFrom(signed.getRoster());
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("roster: not a roster, or truncated", e);
    }
    if (roster.getFormat() != FORMAT) {
      throw new MalformedException(
          "roster.format: %s (expected: %d)"
              .formatted(Integer.toUnsignedString(roster.getFormat()), FORMAT));
    }
    if (roster.getVersion() < 1) {
      throw new MalformedException(
          "roster.version: " + Long.toUnsignedString(roster.getVersion()) + " (expected: from 1)");
    }
    this.signed = signed;
    this.version = roster.getVersion();
    this.rootKeys = keys("roster.root_keys", roster.getRootKeysList());
    this.releaseKeys = keys("roster.release_keys", roster.getReleaseKeysList());
  }

  private static Map<Digest, VerificationKey> keys(String field, List<ByteString> all)
      throws MalformedException {
    if (all.isEmpty() || all.size() > MOST_KEYS) {
      throw new MalformedException(
          "%s: %d keys (expected: 1..%d)".formatted(field, all.size(), MOST_KEYS));
    }
    Map<Digest, VerificationKey> keys = new LinkedHashMap<>();
    for (ByteString bytes : all) {
      VerificationKey key = VerificationKey.of(bytes, field);
      keys.put(key.id(), key);
    }
    return Map.copyOf(keys);
  }

  /**
   * Reads a roster that is trusted for where it comes from.
   *
   * @throws MalformedException if it is not one
   * @throws TrustException if none of its own root keys signed it
   */
  public static KeyRoster parse(SignedRoster signed) throws MalformedException, TrustException {
    if (signed.getSerializedSize() > LARGEST_BYTES) {
      throw new MalformedException(
          "roster: %d bytes (expected: at most %d)"
              .formatted(signed.getSerializedSize(), LARGEST_BYTES));
    }
    KeyRoster roster = new KeyRoster(signed);
    if (!roster.isSignedBy(roster.rootKeys)) {
      throw new TrustException(
          Attack.WRONG_SOFTWARE,
          "roster %d is not signed by a root key of its own".formatted(roster.version));
    }
    return roster;
  }

  /**
   * Reads a roster that is trusted for the file it is in: a SignedRoster.
   *
   * @throws IOException if the file cannot be read
   * @throws MalformedException if it is not one
   * @throws TrustException if none of its own root keys signed it
   */
  public static KeyRoster read(Path file) throws IOException, MalformedException, TrustException {
    if (Files.size(file) > LARGEST_BYTES) {
      throw new MalformedException(file + ": not a roster of keys");
    }
    try {
      return parse(SignedRoster.parseFrom(Files.readAllBytes(file)));
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException(file + ": not a roster of keys, or truncated", e);
    } catch (MalformedException e) {
      throw e.in(file.toString());
    }
  }

  /**
   * Reads the roster that follows this one.
   *
   * @throws MalformedException if it is not one, or not the next
   * @throws TrustException if no root key of this one signed it, or none of its own
   */
  public KeyRoster next(SignedRoster following) throws MalformedException, TrustException {
    KeyRoster next = parse(following);
    if (next.version != version + 1) {
      throw new MalformedException(
          "roster.version: %d (expected: %d)".formatted(next.version, version + 1));
    }
    if (!next.isSignedBy(rootKeys)) {
      throw new TrustException(
          Attack.KEY_COMPROMISE,
          "roster %d is not signed by a root key of roster %d".formatted(next.version, version));
    }
    return next;
  }

  /**
   * Makes and signs a roster.
   *
   * @param version from 1
   * @param signers root keys of the roster before and of this one
   */
  public static KeyRoster create(
      long version,
      List<VerificationKey> rootKeys,
      List<VerificationKey> releaseKeys,
      List<SigningKey> signers)
      throws MalformedException, TrustException {
    Roster.Builder roster = Roster.newBuilder().setFormat(FORMAT).setVersion(version);
    rootKeys.forEach(key -> roster.addRootKeys(key.bytes()));
    releaseKeys.forEach(key -> roster.addReleaseKeys(key.bytes()));
    ByteString bytes = roster.build().toByteString();
    byte[] message = Statement.message(Statement.ROSTER, bytes.toByteArray());
    SignedRoster.Builder signed = SignedRoster.newBuilder().setRoster(bytes);
    signers.forEach(signer -> signed.addSignatures(signer.sign(message)));
    return parse(signed.build());
  }

  private boolean isSignedBy(Map<Digest, VerificationKey> keys) {
    byte[] message = Statement.message(Statement.ROSTER, signed.getRoster().toByteArray());
    return signed.getSignaturesList().stream()
        .limit(2L * MOST_KEYS)
        .anyMatch(signature -> fits(signature, keys, message));
  }

  private static boolean fits(
      Signature signature, Map<Digest, VerificationKey> keys, byte[] message) {
    return id(signature)
        .map(keys::get)
        .map(key -> key.signed(message, signature.getValue()))
        .orElse(false);
  }

  /** The key that a signature names; empty where it names none. */
  static Optional<Digest> id(Signature signature) {
    return signature.getKeyId().size() == Digest.LENGTH
        ? Optional.of(Digest.wrap(signature.getKeyId()))
        : Optional.empty();
  }

  /** As it was signed. */
  public SignedRoster signed() {
    return signed;
  }

  /** From 1. */
  public long version() {
    return version;
  }

  public List<VerificationKey> rootKeys() {
    return new ArrayList<>(rootKeys.values());
  }

  public List<VerificationKey> releaseKeys() {
    return new ArrayList<>(releaseKeys.values());
  }

  /** Ids of the keys that sign releases. */
  public Set<Digest> releaseKeyIds() {
    return releaseKeys.keySet();
  }

  Optional<VerificationKey> releaseKey(Digest id) {
    return Optional.ofNullable(releaseKeys.get(id));
  }
}
