package dev.heirloom.edge.slot;

import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The few operations by which an heir comes to be in force; each is durable when it returns.
 * Whatever stands where a file is to be, a file that cannot be opened or a directory, gives way.
 */
interface Disk {

  /** Writes a whole file, replacing what it held. */
  void write(Path file, byte[] content) throws IOException;

  /** Renames atomically, replacing {@code to}; durable after {@link #syncDirectory}. */
  void rename(Path from, Path to) throws IOException;

  /** Makes the names in a directory durable. */
  void syncDirectory(Path directory) throws IOException;

  /** The file system of this machine. */
  static Disk local() {
    return new Disk() {
      @Override
      public void write(Path file, byte[] content) throws IOException {
        DurableFiles.deleteTree(file);
        try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          for (ByteBuffer rest = ByteBuffer.wrap(content); rest.hasRemaining(); ) {
            channel.write(rest);
          }
          channel.force(true);
        }
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
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
    };
  }
}
