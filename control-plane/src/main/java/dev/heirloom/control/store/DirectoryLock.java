package dev.heirloom.control.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The claim of one process on a data directory; the system gives it back when the process ends,
 * however it ends.
 */
public final class DirectoryLock implements AutoCloseable {
  /** Name of the file that is locked. */
  static final String FILE = "lock";

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Claims {@code directory}, which is created where it is missing.
   *
   * @throws IOException with one line that says why it cannot be had
   */
  public static DirectoryLock take(Path directory) throws IOException {
    FileChannel channel;
    try {
      Files.createDirectories(directory);
      channel =
          FileChannel.open(
              directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new IOException("data directory " + directory + " is not a directory", e);
    } catch (AccessDeniedException e) {
      throw new IOException("data directory " + directory + " cannot be written", e);
    } catch (IOException e) {
      throw new IOException(
          "data directory " + directory + " cannot be written: " + e.getMessage(), e);
    }
    if (!locked(channel)) {
      channel.close();
      throw new IOException("data directory " + directory + " is in use by another control plane");
    }
    return new DirectoryLock(channel);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
