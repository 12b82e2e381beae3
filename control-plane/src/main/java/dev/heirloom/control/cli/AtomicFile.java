package dev.heirloom.control.cli;

import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;

/** Writes files that are either complete or as they were before. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes beside {@code file}, forces the bytes to the disk, then takes the file's place. */
  public static void write(Path file, byte[] content) throws IOException {
    Path target = file.toAbsolutePath();
    parent(target);
    if (Files.isDirectory(target)) {
      throw new IOException(file + " is a directory (expected: a file to write)");
    }
    DurableFiles.replace(target, content);
  }

  /** The directory that a file would stand in, refused where there is none. */
  public static Path parent(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.exists(directory)) {
      throw new NoSuchFileException(String.valueOf(directory));
    }
    if (!Files.isDirectory(directory)) {
      throw new NotDirectoryException(directory.toString());
    }
    return directory;
  }
}
