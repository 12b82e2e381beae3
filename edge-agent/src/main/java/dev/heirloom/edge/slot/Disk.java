package dev.heirloom.edge.slot;

import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The few operations by which an heir comes to be in force; each is durable when it returns.
 * Whatever stands where a file is to be, a file that cannot be opened or a directory, gives way.
 */
interface Disk {

  /** Writes a whole file, replacing what it held. */
  void write(Path file, byte[] content) throws IOException;

  /** The same for what nobody but its owner may read. */
  void writePrivate(Path file, byte[] content) throws IOException;

  /** Renames atomically, replacing {@code to}; durable after {@link #syncDirectory}. */
  void rename(Path from, Path to) throws IOException;

  /** Makes the names in a directory durable. */
  void syncDirectory(Path directory) throws IOException;

  /**
   * Replaces a file; at every moment it holds the old content or the new. Durable after {@link
   * #syncDirectory}.
   */
  default void replace(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    write(temporary, content);
    rename(temporary, file);
  }

  /** The same for what nobody but its owner may read. */
  default void replacePrivate(Path file, byte[] content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    writePrivate(temporary, content);
    rename(temporary, file);
  }

  /** The file system of this machine. */
  static Disk local() {
    return new Disk() {
      @Override
      public void write(Path file, byte[] content) throws IOException {
        DurableFiles.deleteTree(file);
        DurableFiles.write(file, content);
      }

      @Override
      public void writePrivate(Path file, byte[] content) throws IOException {
        DurableFiles.deleteTree(file);
        DurableFiles.writePrivate(file, content);
      }

      @Override
      public void rename(Path from, Path to) throws IOException {
        if (Files.isDirectory(to)) {
          DurableFiles.deleteTree(to);
        }
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }

      @Override
      public void syncDirectory(Path directory) throws IOException {
        DurableFiles.syncDirectory(directory);
      }
    };
  }
}
