package dev.heirloom.edge.slot;

import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The directory in which an agent keeps what must outlive it. One agent at a time. */
public final class StateDirectory implements AutoCloseable {
  private final Path root;
  private final FileChannel lock;

  private StateDirectory(Path root, FileChannel lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Creates the directory if need be and takes it for this process.
   *
   * @throws IOException if it cannot be written to, or another agent has it; the message is one
   *     line for a person
   */
  public static StateDirectory open(Path root) throws IOException {
    FileChannel channel = null;
    try {
      Files.createDirectories(root);
      if (Files.isDirectory(root.resolve("lock"))) {
        DurableFiles.deleteTree(root.resolve("lock"));
      }
      channel =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        throw new IOException("another agent is running on it");
      }
      return new StateDirectory(root, channel);
    } catch (IOException e) {
      if (channel != null) {
        channel.close();
      }
      throw new IOException("state directory " + root + ": " + reason(root, e), e);
    }
  }

  /** Content-addressed blobs, whole and partial. */
  public DirectoryBlobStore blobs() {
    return new DirectoryBlobStore(root.resolve("blobs"));
  }

  /**
   * What the device took for the micro-probes.
   *
   * @param notes takes lines for a person
   */
  public ProbeKeeper probes(Consumer<String> notes) {
    return new ProbeKeeper(root, Disk.local(), notes);
  }

  /**
   * What the device is known by.
   *
   * @param notes takes lines for a person
   */
  public IdentityKeeper identity(Consumer<String> notes) {
    return new IdentityKeeper(root, Disk.local(), notes);
  }

  /**
   * The directory of a berth's slots and reports.
   *
   * @param first whether it is the device's first, whose directory this is
   */
  public Path berth(String name, boolean first) {
    return first ? root : root.resolve("families").resolve(name);
  }

  Path root() {
    return root;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String reason(Path root, IOException e) {
    if (e instanceof java.nio.file.AccessDeniedException) {
      return "not writable";
    }
    if (e instanceof java.nio.file.FileAlreadyExistsException || Files.isRegularFile(root)) {
      return "not a directory";
    }
    if (e instanceof java.nio.file.FileSystemException f) {
      return f.getReason() == null ? e.getClass().getSimpleName() : f.getReason();
    }
    return String.valueOf(e.getMessage());
  }

  /** Gives the directory up; what is in it stays. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
