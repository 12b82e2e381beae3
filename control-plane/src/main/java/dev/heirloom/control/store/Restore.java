package dev.heirloom.control.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A data directory made from a {@link Backup}. It is made beside its place and takes it when every
 * byte was checked: there is a whole one or none.
 *
 * @param takenUnixMs when the backup was taken, in ms since 1970
 * @param files in it
 * @param bytes of these
 */
public record Restore(long takenUnixMs, long files, long bytes) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KEY = ".key";

  /**
   * Makes {@code data}.
   *
   * @param data missing, or an empty directory
   * @throws MalformedException if the file is not a whole backup of a version that is known
   * @throws IOException if {@code data} holds something, or cannot be written
   */
  public static Restore to(Path data, Path backup) throws IOException, MalformedException {
    requireEmpty(data);
    Path target = data.toAbsolutePath();
    Path beside = target.resolveSibling(target.getFileName() + ".restoring");
    try (ZipFile zip = open(backup)) {
      Restore summary = summary(zip, backup);
      delete(beside);
      Files.createDirectories(beside);
      unpack(zip, beside, summary, backup);
      Files.deleteIfExists(target);
      Files.move(beside, target);
      return summary;
    } catch (ZipException e) {
      throw damaged(backup, e);
    } finally {
      delete(beside);
    }
  }

  private static void requireEmpty(Path data) throws IOException {
    if (!Files.exists(data)) {
      return;
    }
    if (!Files.isDirectory(data)) {
      throw new FileAlreadyExistsException(data.toString());
    }
    try (Stream<Path> content = Files.list(data)) {
      if (content.findAny().isPresent()) {
        throw new DirectoryNotEmptyException(data.toString());
      }
    }
  }

  private static ZipFile open(Path backup) throws IOException, MalformedException {
    try {
      return new ZipFile(backup.toFile());
    } catch (ZipException e) {
      throw damaged(backup, e);
    } catch (FileNotFoundException | NoSuchFileException e) {
      throw new NoSuchFileException(backup.toString());
    }
  }

  private static MalformedException damaged(Path backup, Exception e) {
    return new MalformedException(
        backup + ": not a whole backup (" + e.getMessage() + "); take another one", e);
  }

  private static Restore summary(ZipFile zip, Path backup) throws IOException, MalformedException {
    ZipEntry entry = zip.getEntry(Backup.SUMMARY);
    if (entry == null) {
      throw new MalformedException(backup + ": not a backup of a control plane");
    }
    try (InputStream content = zip.getInputStream(entry)) {
      JsonNode summary = JSON.readTree(content);
      int format = summary.path("format").asInt();
      if (format != Backup.FORMAT) {
        throw new MalformedException(
            "%s: format %d (expected: %d); it was written by another version of Heirloom"
                .formatted(backup, format, Backup.FORMAT));
      }
      return new Restore(
          summary.path("taken_unix_ms").asLong(),
          summary.path("files").asLong(),
          summary.path("bytes").asLong());
    }
  }

  private static void unpack(ZipFile zip, Path into, Restore expected, Path backup)
      throws IOException, MalformedException {
    DirectoryBlobStore blobs =
        new DirectoryBlobStore(Files.createDirectories(into.resolve("blobs")));
    long files = 0;
    long bytes = 0;
    List<? extends ZipEntry> entries = zip.stream().toList();
    for (ZipEntry entry : entries) {
      if (entry.getName().equals(Backup.SUMMARY)) {
        continue;
      }
      try (InputStream content = zip.getInputStream(entry)) {
        bytes +=
            entry.getName().startsWith(Backup.BLOBS)
                ? blob(blobs, entry.getName(), content, backup)
                : file(into, entry.getName(), content, backup);
      }
      files++;
    }
    if (files != expected.files || bytes != expected.bytes) {
      throw new MalformedException(
          "%s: %d files of %d bytes (expected: %d of %d); take another one"
              .formatted(backup, files, bytes, expected.files, expected.bytes));
    }
  }

  private static long blob(DirectoryBlobStore blobs, String name, InputStream content, Path backup)
      throws IOException, MalformedException {
    byte[] bytes = content.readAllBytes();
    Digest found = blobs.put(bytes);
    if (!name.equals(Backup.BLOBS + found.hex())) {
      throw new MalformedException(backup + ": " + name + " has other content than its name says");
    }
    return bytes.length;
  }

  private static long file(Path into, String name, InputStream content, Path backup)
      throws IOException, MalformedException {
    Path file = into.resolve(name).normalize();
    if (!file.startsWith(into) || file.equals(into)) {
      throw new MalformedException(backup + ": " + name + " would stand outside the directory");
    }
    Files.createDirectories(file.getParent());
    Files.createFile(file);
    if (name.endsWith(KEY) && Files.getFileStore(file).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      return content.transferTo(out);
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    try (Stream<Path> all = Files.walk(tree)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
