package dev.heirloom.control.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a control plane knows, in one ZIP file, taken while it runs.
 *
 * <p>The journal is copied as it is at one moment. Whatever else there was before that moment is in
 * the file: families are read before and after it, and blobs last, of which none is collected
 * meanwhile. What came later may be in it as well; nothing refers to that. The last entry says what
 * the file holds, so that one which ends early is known as such. Its calls block.
 */
public final class Backup {
  /** Last entry of a backup. */
  static final String SUMMARY = "backup.json";

  static final String BLOBS = "blobs/";
  static final int FORMAT = 1;

  /**
   * Where a data directory keeps what is copied in a way of its own, or not at all: a tailored heir
   * is assembled again when it is asked for.
   */
  private static final Set<String> NOT_AS_FILES =
      Set.of("db", "blobs", "tailored", DirectoryLock.FILE);

  /** What is fetched or brought again, and what a trainer logs. */
  private static final Pattern AGAIN =
      Pattern.compile("trainer/(log|jobs/[^/]+/files/.*)|teachers/blobs/partial/.*");

  /** Files that are about to take another's place. */
  private static final Pattern TEMPORARY = Pattern.compile(".*\\.(new|tmp|part|writing)");

  private static final String COPY = "journal-";

  private final Path data;
  private final JournalDatabase journal;
  private final DirectoryCatalogue catalogue;
  private final DirectoryBlobStore blobs;
  private final BlobClaims claims;
  private final Clock clock;

  /**
   * @param data directory that holds everything
   * @param claims what no blob is removed of
   */
  public Backup(
      Path data,
      JournalDatabase journal,
      DirectoryCatalogue catalogue,
      DirectoryBlobStore blobs,
      BlobClaims claims,
      Clock clock) {
    this.data = data;
    this.journal = journal;
    this.catalogue = catalogue;
    this.blobs = blobs;
    this.claims = claims;
    this.clock = clock;
  }

  /**
   * Writes it and closes the stream.
   *
   * @throws IOException if something cannot be read or written; what was written is then no backup
   */
  public void write(OutputStream out) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
        BlobClaims.Hold before = claims.hold(catalogue.blobs())) {
      zip.setLevel(Deflater.BEST_SPEED);
      Written written = new Written(zip);
      files(written);
      journal(written);
      try (BlobClaims.Hold since = claims.hold(catalogue.blobs())) {
        files(written);
        for (StoredBlob blob : blobs.list()) {
          if (blob.whole() && blob.digest().isPresent()) {
            blob(written, blob.digest().get());
          }
        }
      }
      written.summary(clock.millis());
    }
  }

  private void files(Written written) throws IOException {
    for (Path part : parts()) {
      if (!NOT_AS_FILES.contains(String.valueOf(part.getFileName()))) {
        tree(written, part);
      }
    }
  }

  private List<Path> parts() throws IOException {
    try (Stream<Path> all = Files.list(data)) {
      return all.sorted().toList();
    }
  }

  private void tree(Written written, Path part) throws IOException {
    for (Path file : filesIn(part)) {
      String name = data.relativize(file).toString().replace('\\', '/');
      if (TEMPORARY.matcher(name).matches() || AGAIN.matcher(name).matches() || written.has(name)) {
        continue;
      }
      try (InputStream content = Files.newInputStream(file)) {
        written.add(name, content);
      } catch (NoSuchFileException gone) {
        // Replaced or removed since it was listed: what it was belongs to no moment any more.
      }
    }
  }

  /** Files in their order, less those that are removed meanwhile. */
  private static List<Path> filesIn(Path part) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        part,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            return unlessGone(e);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            return e == null ? FileVisitResult.CONTINUE : unlessGone(e);
          }
        });
    Collections.sort(files);
    return files;
  }

  private static FileVisitResult unlessGone(IOException e) throws IOException {
    if (e instanceof NoSuchFileException) {
      return FileVisitResult.CONTINUE;
    }
    throw e;
  }

  private void journal(Written written) throws IOException {
    for (Path part : parts()) {
      // Of a backup during which the control plane was killed.
      if (String.valueOf(part.getFileName()).startsWith(COPY)) {
        Files.deleteIfExists(part);
      }
    }
    Path copy = Files.createTempFile(data, COPY, ".tmp");
    try {
      journal.backup(copy);
      try (ZipFile taken = new ZipFile(copy.toFile())) {
        for (ZipEntry entry : taken.stream().map(ZipEntry.class::cast).toList()) {
          try (InputStream content = taken.getInputStream(entry)) {
            written.add("db/" + entry.getName(), content);
          }
        }
      }
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private void blob(Written written, Digest digest) throws IOException {
    try (InputStream content = Channels.newInputStream(blobs.open(digest))) {
      written.add(BLOBS + digest.hex(), content);
    } catch (NoSuchFileException collected) {
      // Of no family: what a family needs is held.
      return;
    }
  }

  /** A ZIP file that is being written. */
  private static final class Written {
    private final ZipOutputStream zip;
    private final Set<String> names = new HashSet<>();
    private final BackupDigest digest = new BackupDigest();
    private long bytes;

    Written(ZipOutputStream zip) {
      this.zip = zip;
    }

    boolean has(String name) {
      return names.contains(name);
    }

    void add(String name, InputStream content) throws IOException {
      names.add(name);
      zip.putNextEntry(new ZipEntry(name));
      bytes += digest.reading(content).transferTo(zip);
      digest.read(name);
      zip.closeEntry();
    }

    void summary(long takenUnixMs) throws IOException {
      zip.putNextEntry(new ZipEntry(SUMMARY));
      String json =
          JsonNodeFactory.instance
              .objectNode()
              .put("format", FORMAT)
              .put("taken_unix_ms", takenUnixMs)
              .put("files", names.size())
              .put("bytes", bytes)
              .put("sha256", digest.hex())
              .toString();
      zip.write(json.getBytes(StandardCharsets.UTF_8));
      zip.closeEntry();
    }
  }
}
