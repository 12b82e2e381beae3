package dev.heirloom.control.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
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
      JsonNode summary = summary(zip, backup);
      DurableFiles.deleteTree(beside);
      Files.createDirectories(beside);
      Restore unpacked = unpack(zip, beside, summary, backup);
      Files.deleteIfExists(target);
      DurableFiles.move(beside, target);
      return unpacked;
    } catch (ZipException
        | EOFException
        | JsonProcessingException
        | FileAlreadyExistsException
        | InvalidPathException e) {
      throw damaged(backup, e);
    } finally {
      DurableFiles.deleteTree(beside);
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
    return new MalformedException(damage(backup, String.valueOf(e.getMessage())), e);
  }

  private static MalformedException damaged(Path backup, String why) {
    return new MalformedException(damage(backup, why));
  }

  private static String damage(Path backup, String why) {
    return backup + ": not a whole backup (" + why + "); take another one";
  }

  private static JsonNode summary(ZipFile zip, Path backup) throws IOException, MalformedException {
    ZipEntry entry = zip.getEntry(Backup.SUMMARY);
    if (entry == null) {
      throw new MalformedException(backup + ": not a backup of a control plane");
    }
    try (InputStream content = zip.getInputStream(entry)) {
      byte[] bytes = content.readAllBytes();
      CRC32 sum = new CRC32();
      sum.update(bytes);
      if (sum.getValue() != entry.getCrc()) {
        throw damaged(backup, "its summary is damaged");
      }
      JsonNode summary = JSON.readTree(bytes);
      int format = summary.path("format").asInt();
      if (format != Backup.FORMAT) {
        throw new MalformedException(
            "%s: format %d (expected: %d); it was written by another version of Heirloom"
                .formatted(backup, format, Backup.FORMAT));
      }
      return summary;
    }
  }

  private static Restore unpack(ZipFile zip, Path into, JsonNode summary, Path backup)
      throws IOException, MalformedException {
    DirectoryBlobStore blobs =
        new DirectoryBlobStore(Files.createDirectories(into.resolve("blobs")));
    BackupDigest digest = new BackupDigest();
    long files = 0;
    long bytes = 0;
    List<? extends ZipEntry> entries = zip.stream().toList();
    for (ZipEntry entry : entries) {
      String name = entry.getName();
      if (name.equals(Backup.SUMMARY)) {
        continue;
      }
      try (InputStream content = zip.getInputStream(entry)) {
        InputStream read = digest.reading(content);
        bytes +=
            name.startsWith(Backup.BLOBS)
                ? blob(blobs, name, read, backup)
                : file(into, name, read, backup);
      }
      digest.read(name);
      files++;
    }
    // Names and contents of all files: a ZIP file's own sums are not looked at when it is read.
    if (!digest.hex().equals(summary.path("sha256").asText())) {
      throw damaged(backup, "its files are not those that were written");
    }
    return new Restore(summary.path("taken_unix_ms").asLong(), files, bytes);
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
    if (name.endsWith(KEY)) {
      OwnerFiles.create(file);
    } else {
      Files.createFile(file);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long bytes = content.transferTo(Channels.newOutputStream(channel));
      // The backup may be thrown away once its files are here.
      channel.force(true);
      return bytes;
    }
  }
}
