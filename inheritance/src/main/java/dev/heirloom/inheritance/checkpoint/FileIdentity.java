package dev.heirloom.inheritance.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells the files behind a data specification from others without reading them: number, bytes and
 * the newest modification time.
 */
public final class FileIdentity {

  private FileIdentity() {}

  /**
   * Describes the files.
   *
   * @param spec a path, or several with commas between them; a directory stands for all in it
   */
  public static String of(String spec) throws IOException {
    List<String> parts = new ArrayList<>();
    for (String part : exists(spec) ? List.of(spec) : List.of(spec.split(","))) {
      parts.add(exists(part) ? part + ": " + describe(Path.of(part)) : part);
    }
    return String.join(", ", parts);
  }

  private static boolean exists(String part) {
    try {
      return Files.exists(Path.of(part));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String describe(Path path) throws IOException {
    long files = 0;
    long bytes = 0;
    long newestMs = 0;
    try (Stream<Path> all = Files.walk(path)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        if (attributes.isRegularFile()) {
          files++;
          bytes += attributes.size();
          newestMs = Math.max(newestMs, attributes.lastModifiedTime().toMillis());
        }
      }
    } catch (UncheckedIOException e) {
      throw new IOException(path + ": " + e.getMessage(), e);
    }
    return files + " files, " + bytes + " bytes, changed at " + newestMs + " ms";
  }
}
