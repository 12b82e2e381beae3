package dev.heirloom.inheritance.checkpoint;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;

/** One process's claim on a directory; the system gives it back however the process ends. */
final class Claim implements AutoCloseable {
  private final RandomAccessFile file;

  private Claim(RandomAccessFile file) {
    this.file = file;
  }

  /** Claims a directory, which is made where it is missing. */
  static Claim of(Path directory) throws IOException {
    Files.createDirectories(directory);
    RandomAccessFile file = new RandomAccessFile(directory.resolve("lock").toFile(), "rw");
    if (!locked(file)) {
      file.close();
      throw new CheckpointException(
          directory + " is in use by another process", "Wait for it, or choose another --out.");
    }
    return new Claim(file);
  }

  private static boolean locked(RandomAccessFile file) throws IOException {
    try {
      FileLock lock = file.getChannel().tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
