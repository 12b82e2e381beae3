package dev.heirloom.control.store;

import dev.heirloom.proto.v1.SignedRoster;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import dev.heirloom.runtime.trust.KeyRoster;
import dev.heirloom.runtime.trust.SigningKey;
import dev.heirloom.runtime.trust.TrustException;
import dev.heirloom.runtime.trust.VerificationKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The fleet's keys on disk: the rosters {@code 1.roster}, {@code 2.roster}, … and, in the same
 * directory or in one of their own, {@code root.key} and {@code release.key}. A roster that is
 * added while a control plane runs is in force from its next look.
 */
public final class TrustDirectory {
  private static final String ROOT = "root.key";
  private static final String RELEASE = "release.key";
  private static final String ROSTER = ".roster";

  private final Path rosters;
  private final Path keys;
  private final List<KeyRoster> chain = new ArrayList<>();

  private TrustDirectory(Path rosters, Path keys) {
    this.rosters = rosters;
    this.keys = keys;
  }

  /** Whether there is a first roster. */
  public static boolean exists(Path rosters) {
    return Files.exists(rosters.resolve(1 + ROSTER));
  }

  /**
   * Reads the rosters.
   *
   * @param rosters directory
   * @param keys directory of the signing keys, which need not be there
   * @throws MalformedException where one does not follow from the one before
   */
  public static TrustDirectory open(Path rosters, Path keys)
      throws IOException, MalformedException {
    TrustDirectory directory = new TrustDirectory(rosters, keys);
    directory.look();
    if (directory.chain.isEmpty()) {
      throw new MalformedException(
          rosters + ": no roster of keys ('heirloom init' makes the first)");
    }
    return directory;
  }

  /**
   * Makes a root key, a release key, and the first roster.
   *
   * @throws IOException if there are keys or rosters already, or they cannot be written
   */
  public static TrustDirectory create(Path rosters, Path keys)
      throws IOException, MalformedException {
    if (exists(rosters)) {
      throw new IOException(rosters + ": there are keys already");
    }
    SigningKey root = SigningKey.create();
    SigningKey release = SigningKey.create();
    Files.createDirectories(rosters);
    Files.createDirectories(keys);
    writeNew(keys.resolve(ROOT), root);
    writeNew(keys.resolve(RELEASE), release);
    TrustDirectory directory = new TrustDirectory(rosters, keys);
    directory.add(roster(1, root.verification(), release.verification(), List.of(root)));
    return directory;
  }

  /**
   * Puts a new key in the place of one that is revoked by that, and writes the roster that says so.
   *
   * @param rootToo whether the root key is replaced as well
   * @throws IOException if the root key is not in the directory of keys
   */
  public synchronized KeyRoster rotate(boolean rootToo) throws IOException, MalformedException {
    KeyRoster before = current();
    SigningKey root =
        key(ROOT)
            .orElseThrow(
                () ->
                    new IOException(
                        keys.resolve(ROOT) + ": missing (a root key signs the next roster)"));
    SigningKey nextRoot = rootToo ? SigningKey.create() : root;
    SigningKey release = SigningKey.create();
    KeyRoster next =
        roster(
            before.version() + 1,
            nextRoot.verification(),
            release.verification(),
            rootToo ? List.of(root, nextRoot) : List.of(root));
    try {
      before.next(next.signed());
    } catch (TrustException e) {
      throw new MalformedException(keys.resolve(ROOT) + ": " + e.getMessage(), e);
    }
    // The key first: a roster whose keys nobody has would leave the fleet without releases.
    replace(keys.resolve(RELEASE), release);
    add(next);
    if (rootToo) {
      replace(keys.resolve(ROOT), nextRoot);
    }
    return next;
  }

  private static KeyRoster roster(
      long version, VerificationKey root, VerificationKey release, List<SigningKey> signers)
      throws MalformedException {
    try {
      return KeyRoster.create(version, List.of(root), List.of(release), signers);
    } catch (TrustException e) {
      throw new MalformedException(String.valueOf(e.getMessage()), e);
    }
  }

  private void add(KeyRoster roster) throws IOException {
    DurableFiles.replace(rosters.resolve(roster.version() + ROSTER), roster.signed().toByteArray());
    chain.add(roster);
  }

  /** Reads what was added since the last look. */
  private void look() throws IOException, MalformedException {
    while (true) {
      Path file = rosters.resolve((chain.size() + 1) + ROSTER);
      if (!Files.exists(file)) {
        return;
      }
      try {
        KeyRoster read = KeyRoster.read(file);
        if (chain.isEmpty()) {
          chain.add(read);
        } else {
          chain.add(chain.get(chain.size() - 1).next(read.signed()));
        }
      } catch (TrustException e) {
        throw new MalformedException(file + ": " + e.getMessage(), e);
      }
    }
  }

  /** The roster in force. */
  public synchronized KeyRoster current() throws IOException, MalformedException {
    look();
    return chain.get(chain.size() - 1);
  }

  /** The rosters after a version, in order. */
  public synchronized List<SignedRoster> after(long version)
      throws IOException, MalformedException {
    look();
    return chain.stream()
        .filter(roster -> Long.compareUnsigned(roster.version(), version) > 0)
        .map(KeyRoster::signed)
        .toList();
  }

  /** The key that signs releases, where it is here and in force. */
  public Optional<SigningKey> releaseKey() throws IOException, MalformedException {
    KeyRoster roster = current();
    return key(RELEASE).filter(key -> roster.releaseKeyIds().contains(key.verification().id()));
  }

  private Optional<SigningKey> key(String name) throws IOException, MalformedException {
    try {
      return Optional.of(SigningKey.read(keys.resolve(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static void writeNew(Path file, SigningKey key) throws IOException {
    if (Files.exists(file)) {
      throw new IOException(file + ": there is a key already");
    }
    replace(file, key);
  }

  /** Readable by its owner alone, from the first byte on. */
  private static void replace(Path file, SigningKey key) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    DurableFiles.writePrivate(temporary, key.pem().getBytes(StandardCharsets.US_ASCII));
    DurableFiles.move(temporary, file);
  }
}
