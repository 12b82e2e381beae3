package dev.heirloom.control.demo;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory to work in, which is removed on closing unless it is to be kept. */
public final class Workspace implements AutoCloseable {
  private final Path directory;
  private final boolean kept;

  private Workspace(Path directory, boolean kept) {
    this.directory = directory;
    this.kept = kept;
  }

  /** A new one among the temporary files. */
  public static Workspace temporary(String prefix) throws IOException {
    return new Workspace(Files.createTempDirectory(prefix), false);
  }

  /** This very directory, created where it is missing, refused where it is not empty; it stays. */
  public static Workspace kept(Path directory) throws IOException {
    Path created = Files.createDirectories(directory).toAbsolutePath();
    try (Stream<Path> content = Files.list(created)) {
      if (content.findAny().isPresent()) {
        throw new DirectoryNotEmptyException(directory.toString());
      }
    }
    return new Workspace(created, true);
  }

  public Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    if (!kept) {
      Files.walkFileTree(directory, new Removal());
    }
  }

  /** Children first; what is gone already does not matter. */
  private static final class Removal extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
        throws IOException {
      if (e != null) {
        throw e;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
