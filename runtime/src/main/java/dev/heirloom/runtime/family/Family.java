package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import dev.heirloom.runtime.trust.ManifestRelease;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A family on disk: {@code manifest}, its digest in {@code manifest.sha256} (in the format of
 * {@code sha256sum}), the blobs that it names in {@code blobs} and, where it was signed here, its
 * {@code release}.
 */
public final class Family {

  private static final String MANIFEST = "manifest";
  private static final String DIGEST = "manifest.sha256";
  private static final String BLOBS = "blobs";
  private static final String RELEASE = "release";

  private final Path directory;
  private final Manifest manifest;
  private final byte[] manifestBytes;
  private final Digest digest;
  private final BlobStore blobs;

  private Family(Path directory, Manifest manifest, byte[] manifestBytes, BlobStore blobs) {
    this.directory = directory;
    this.manifest = manifest;
    this.manifestBytes = manifestBytes;
    this.digest = Digest.of(manifestBytes);
    this.blobs = blobs;
  }

  /**
   * Opens a family after checking every byte of it.
   *
   * @throws NoSuchFileException if the directory or a file that it needs is not there
   * @throws MalformedException if a file is not what the manifest says, naming the file
   */
  public static Family open(Path directory) throws IOException, MalformedException {
    FamilyWriter.recover(directory);
    Path manifestFile = directory.resolve(MANIFEST);
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    if (!Files.isDirectory(directory)) {
      throw new MalformedException(directory + ": a file (expected: a family's directory)");
    }
    if (!isFamily(directory)) {
      throw new MalformedException(directory + ": not a family: it has no manifest");
    }
    long size = Files.size(manifestFile);
    if (size > Manifests.MAX_BYTES) {
      throw new MalformedException(
          "%s: %d bytes (expected: at most %d)".formatted(manifestFile, size, Manifests.MAX_BYTES));
    }
    byte[] bytes = Files.readAllBytes(manifestFile);
    checkDigest(directory, Digest.of(bytes));
    Manifest manifest;
    BlobStore blobs = new DirectoryBlobStore(directory.resolve(BLOBS));
    try {
      manifest = Manifests.parse(bytes);
      for (Blob blob : Manifests.all(manifest)) {
        Blobs.verify(blobs, blob);
      }
    } catch (MalformedException e) {
      throw new MalformedException(directory + ": " + e.getMessage(), e);
    }
    return new Family(directory, manifest, bytes, blobs);
  }

  /** Whether a directory looks like a family, its content unchecked. */
  public static boolean isFamily(Path directory) {
    return Files.isRegularFile(directory.resolve(MANIFEST))
        && Files.isRegularFile(directory.resolve(DIGEST));
  }

  /**
   * Writes a family beside {@code directory}, then gives it that name; a family that had the name
   * is replaced. Until then nothing at {@code directory} changes, and a failure leaves nothing
   * behind.
   *
   * @param source holds every blob that {@code manifest} names
   * @throws FileAlreadyExistsException if something is there that is no family
   * @throws MalformedException if the manifest or a blob is not sound
   */
  public static Family write(Path directory, Manifest manifest, BlobStore source)
      throws IOException, MalformedException {
    byte[] bytes = manifest.toByteArray();
    Manifest checked = Manifests.parse(bytes);
    refuseOther(directory);
    new FamilyWriter(directory)
        .write(
            staged -> {
              DurableFiles.write(staged.resolve(MANIFEST), bytes);
              String line = Digest.of(bytes).hex() + "  " + MANIFEST + "\n";
              DurableFiles.write(staged.resolve(DIGEST), line.getBytes(StandardCharsets.US_ASCII));
              BlobStore target = new DirectoryBlobStore(staged.resolve(BLOBS));
              for (Blob blob : Manifests.all(checked)) {
                target.put(source.read(blob));
              }
              Files.deleteIfExists(staged.resolve(BLOBS).resolve("partial"));
            });
    return new Family(directory, checked, bytes, new DirectoryBlobStore(directory.resolve(BLOBS)));
  }

  /** Where the family is. */
  public Path directory() {
    return directory;
  }

  /** The checked manifest. */
  public Manifest manifest() {
    return manifest;
  }

  /** The manifest as it is on disk: the bytes that {@link #digest} is of. */
  public byte[] manifestBytes() {
    return manifestBytes.clone();
  }

  /** The digest that names this version of the family. */
  public Digest digest() {
    return digest;
  }

  /** The family's blobs. */
  public BlobStore blobs() {
    return blobs;
  }

  /**
   * What permits devices to install this version, where it was signed here.
   *
   * @throws MalformedException if it is of another version, or none
   */
  public Optional<ManifestRelease> release() throws IOException, MalformedException {
    Path file = directory.resolve(RELEASE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    ManifestRelease release = ManifestRelease.read(file);
    if (!release.manifest().equals(digest)) {
      throw new MalformedException(file + ": of another version of the family: sign this one");
    }
    return Optional.of(release);
  }

  /** Keeps what permits devices to install this version beside the manifest. */
  public void keep(ManifestRelease release) throws IOException {
    DurableFiles.replace(directory.resolve(RELEASE), release.signed().toByteArray());
  }

  /** The family's rungs. */
  public Ladder ladder() {
    return Ladder.of(manifest);
  }

  private static void checkDigest(Path directory, Digest actual)
      throws IOException, MalformedException {
    Path file = directory.resolve(DIGEST);
    String expected = actual.hex() + "  " + MANIFEST + "\n";
    if (Files.size(file) != expected.length()
        || !Files.readString(file, StandardCharsets.ISO_8859_1).equals(expected)) {
      throw new MalformedException(
          "%s is damaged, or %s is: the manifest's digest is %s"
              .formatted(directory.resolve(MANIFEST), file.getFileName(), actual));
    }
  }

  private static void refuseOther(Path directory) throws IOException {
    if (!Files.exists(directory) || isFamily(directory)) {
      return;
    }
    if (Files.isDirectory(directory)) {
      try (Stream<Path> entries = Files.list(directory)) {
        if (entries.findAny().isEmpty()) {
          return;
        }
      }
    }
    throw new FileAlreadyExistsException(
        directory.toString(), null, "exists and is not a family; it is left as it is");
  }
}
