package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Blobs as files {@code ab/abcdef…} below a directory. A file appears under its name only when its
 * content is whole and on the disk; contents that are still arriving are in {@code partial}.
 */
public final class DirectoryBlobStore implements BlobStore {

  private static final String PARTIAL = "partial";

  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  private final Path root;

  /**
   * @param root the directory; it is created with the first blob
   */
  public DirectoryBlobStore(Path root) {
    this.root = root;
  }

  @Override
  public boolean has(Digest digest) {
    return Files.isRegularFile(file(digest));
  }

  @Override
  public long size(Digest digest) throws IOException {
    return Files.size(existing(digest));
  }

  @Override
  public SeekableByteChannel open(Digest digest) throws IOException {
    return Files.newByteChannel(existing(digest), StandardOpenOption.READ);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A content that the disk does not give back counts as damaged, too.
   */
  @Override
  public byte[] read(Blob blob) throws IOException, MalformedException {
    try {
      return Blobs.read(this, blob);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw new MalformedException(
          "blob %s is damaged: it cannot be read (%s)".formatted(Digest.of(blob), e.getMessage()),
          e);
    }
  }

  @Override
  public Digest put(byte[] content) throws IOException {
    Digest digest = Digest.of(content);
    if (has(digest)) {
      return digest;
    }
    Path temporary = partialDirectory().resolve(UUID.randomUUID() + ".put");
    try {
      DurableFiles.write(temporary, content);
      adopt(temporary, digest);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return digest;
  }

  /**
   * Continues, or starts, a blob that arrives in pieces. What has arrived survives a restart. One
   * writer per blob at a time; the caller closes it.
   *
   * @throws MalformedException if {@code blob} is larger than {@link #MAX_BLOB_BYTES}
   */
  public PartialBlob partial(Blob blob) throws IOException, MalformedException {
    if (blob.getSizeBytes() < 0 || blob.getSizeBytes() > MAX_BLOB_BYTES) {
      throw new MalformedException(
          "blob %s: %s bytes (expected: at most %d)"
              .formatted(
                  Digest.of(blob), Long.toUnsignedString(blob.getSizeBytes()), MAX_BLOB_BYTES));
    }
    Path file = partialDirectory().resolve(Digest.of(blob).hex());
    try {
      return new PartialBlob(this, Digest.of(blob), blob.getSizeBytes(), file);
    } catch (IOException e) {
      // What cannot be gone on with must not keep the blob away for ever.
      DurableFiles.deleteTree(file);
      return new PartialBlob(this, Digest.of(blob), blob.getSizeBytes(), file);
    }
  }

  /** Removes a blob, if it is there; a blob that is open stays readable until it is closed. */
  public void delete(Digest digest) throws IOException {
    DurableFiles.deleteTree(file(digest));
  }

  /** Removes a blob or what arrived of one, if it is still there. */
  public void delete(StoredBlob blob) throws IOException {
    Files.deleteIfExists(blob.file());
  }

  /** Every blob, whole ones and those that are still arriving. */
  public List<StoredBlob> list() throws IOException {
    List<StoredBlob> found = new ArrayList<>();
    if (!Files.isDirectory(root)) {
      return found;
    }
    try (Stream<Path> files = Files.walk(root, 2)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        stored(file).ifPresent(found::add);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return found;
  }

  /** Empty for what is no blob, or was moved or removed meanwhile. */
  private Optional<StoredBlob> stored(Path file) throws IOException {
    String name = file.getFileName().toString();
    boolean partial = root.resolve(PARTIAL).equals(file.getParent());
    Optional<Digest> digest =
        HEX.matcher(name).matches() ? Optional.of(Digest.parse(name)) : Optional.empty();
    boolean whole = digest.isPresent() && file.equals(file(digest.get()));
    if (!partial && !whole) {
      return Optional.empty();
    }
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new StoredBlob(
              file, digest, whole, attributes.size(), attributes.lastModifiedTime().toInstant()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Gives a whole, synced file its final name. */
  void adopt(Path whole, Digest digest) throws IOException {
    Path target = file(digest);
    Path directory = DurableFiles.parent(target);
    if (Files.isDirectory(target)) {
      DurableFiles.deleteTree(target);
    }
    try {
      Files.createDirectory(directory);
      DurableFiles.syncDirectory(root);
    } catch (FileAlreadyExistsException e) {
      // Another blob with the same first byte is there.
    }
    DurableFiles.move(whole, target);
  }

  private Path partialDirectory() throws IOException {
    return Files.createDirectories(root.resolve(PARTIAL));
  }

  private Path existing(Digest digest) throws NoSuchFileException {
    Path file = file(digest);
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    return file;
  }

  private Path file(Digest digest) {
    String hex = digest.hex();
    return root.resolve(hex.substring(0, 2)).resolve(hex);
  }
}
