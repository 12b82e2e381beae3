package dev.heirloom.control.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.StoredBlob;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Teachers and data as they were uploaded: contents by their digests, and a small file for each
 * name. What arrives is kept for a week, then forgotten. Thread-safe; every call may block.
 */
public final class UploadedFiles {
  private static final Duration KEPT = Duration.ofDays(7);
  private static final String ENDING = ".json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path entries;
  private final DirectoryBlobStore blobs;
  private final BlobClaims claims = new BlobClaims();
  private final Clock clock;
  private final TreeMap<String, StoredFile> known = new TreeMap<>();

  private UploadedFiles(Path directory, Clock clock) {
    this.entries = directory.resolve("files");
    this.blobs = new DirectoryBlobStore(directory.resolve("blobs"));
    this.clock = clock;
  }

  /** Reads what is there. */
  public static UploadedFiles open(Path directory, Clock clock)
      throws IOException, MalformedException {
    UploadedFiles files = new UploadedFiles(directory, clock);
    Files.createDirectories(files.entries);
    try (Stream<Path> found = Files.list(files.entries)) {
      for (Path file : (Iterable<Path>) found.sorted()::iterator) {
        if (file.toString().endsWith(ENDING) && !file.getFileName().toString().startsWith(".")) {
          StoredFile entry = read(file);
          files.known.put(entry.name(), entry);
        }
      }
    }
    return files;
  }

  private static StoredFile read(Path file) throws IOException, MalformedException {
    try {
      JsonNode node = JSON.readTree(Files.readAllBytes(file));
      return new StoredFile(
          node.required("name").asText(),
          node.required("teacher").asBoolean(),
          Digest.parse(node.required("sha256").asText()),
          node.required("size_bytes").asLong(),
          node.required("uploaded_ms").asLong(),
          node.required("layers").asInt());
    } catch (IllegalArgumentException | JacksonException e) {
      throw new MalformedException(file + ": damaged (" + e.getMessage() + ")", e);
    }
  }

  /** All of them, by name. */
  public synchronized List<StoredFile> list() {
    return List.copyOf(known.values());
  }

  public synchronized Optional<StoredFile> find(String name) {
    return Optional.ofNullable(known.get(name));
  }

  /** Their contents. */
  public DirectoryBlobStore blobs() {
    return blobs;
  }

  /** Which contents are arriving or being read. */
  public BlobClaims claims() {
    return claims;
  }

  Clock clock() {
    return clock;
  }

  /** Bytes of all contents, whole or not. */
  public long storedBytes() throws IOException {
    return blobs.list().stream().mapToLong(StoredBlob::sizeBytes).sum();
  }

  /** How much of a content has arrived. */
  public long arrived(Digest digest, long sizeBytes) throws IOException {
    if (blobs.has(digest)) {
      return blobs.size(digest) == sizeBytes ? sizeBytes : 0;
    }
    return blobs.list().stream()
        .filter(blob -> !blob.whole() && blob.digest().equals(Optional.of(digest)))
        .mapToLong(StoredBlob::sizeBytes)
        .filter(arrived -> arrived <= sizeBytes)
        .findFirst()
        .orElse(0);
  }

  /** Begins an upload, or goes on with one; the caller closes it. */
  public FileIntake begin(String name, boolean teacher, Digest digest, long sizeBytes)
      throws IOException, MalformedException {
    if (sizeBytes < 1 || sizeBytes > BlobStore.MAX_BLOB_BYTES) {
      throw new MalformedException(
          "size_bytes: "
              + Long.toUnsignedString(sizeBytes)
              + " (expected: 1.."
              + BlobStore.MAX_BLOB_BYTES
              + ")");
    }
    return FileIntake.begin(
        this,
        name,
        teacher,
        Blob.newBuilder().setSha256(digest.bytes()).setSizeBytes(sizeBytes).build());
  }

  synchronized StoredFile add(StoredFile entry) throws IOException {
    ObjectNode node = JSON.createObjectNode();
    node.put("name", entry.name())
        .put("teacher", entry.teacher())
        .put("sha256", entry.digest().hex())
        .put("size_bytes", entry.sizeBytes())
        .put("uploaded_ms", entry.uploadedMs())
        .put("layers", entry.layers());
    DurableFiles.replace(file(entry.name()), JSON.writeValueAsBytes(node));
    known.put(entry.name(), entry);
    return entry;
  }

  /**
   * Removes a name; its content goes with the next {@link #collect}.
   *
   * @return whether it was there
   */
  public synchronized boolean remove(String name) throws IOException {
    if (known.remove(name) == null) {
      return false;
    }
    Files.deleteIfExists(file(name));
    DurableFiles.syncDirectory(entries);
    return true;
  }

  /**
   * Removes contents that no name refers to, and parts that did not grow for long.
   *
   * @param needed contents that stay whatever refers to them; asked once no other can be held any
   *     more, so that what was held until a moment ago is among them
   * @return bytes that were removed
   */
  public long collect(Supplier<Set<Digest>> needed) throws IOException {
    Instant old = clock.instant().minus(KEPT);
    return claims.removing(
        free -> {
          Set<Digest> kept = new HashSet<>(needed.get());
          list().forEach(entry -> kept.add(entry.digest()));
          long bytes = 0;
          for (StoredBlob blob : blobs.list()) {
            boolean unused =
                blob.whole()
                    ? !kept.contains(blob.digest().orElseThrow())
                    : blob.changed().isBefore(old);
            if (unused && blob.digest().map(free::test).orElse(true)) {
              blobs.delete(blob);
              bytes += blob.sizeBytes();
            }
          }
          return bytes;
        });
  }

  private Path file(String name) {
    return entries.resolve(name + ENDING);
  }
}
