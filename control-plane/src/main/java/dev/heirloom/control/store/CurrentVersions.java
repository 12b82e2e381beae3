package dev.heirloom.control.store;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which version of a family devices take by themselves, where that was ever said apart from the
 * order of publication: files {@code NAME/current}, each a digest and a time.
 */
final class CurrentVersions {
  private static final String FILE = "current";

  /** A version and since when it is the current one. */
  record Current(Digest manifest, Instant since) {}

  private final Path directory;
  private final Map<String, Current> byFamily = new ConcurrentHashMap<>();

  CurrentVersions(Path directory) {
    this.directory = directory;
  }

  /** Reads what was said of a family. */
  void read(String family) throws IOException, MalformedException {
    Path file = directory.resolve(family).resolve(FILE);
    if (!Files.exists(file)) {
      return;
    }
    String[] words = Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", -1);
    try {
      byFamily.put(family, new Current(Digest.parse(words[0]), Instant.parse(words[1])));
    } catch (IllegalArgumentException | DateTimeException | ArrayIndexOutOfBoundsException e) {
      throw new MalformedException(file + ": not a digest and a time");
    }
  }

  Optional<Current> of(String family) {
    return Optional.ofNullable(byFamily.get(family));
  }

  /** Says it, durably. */
  void set(String family, Current current) throws IOException {
    DurableFiles.replace(
        directory.resolve(family).resolve(FILE),
        (current.manifest().hex() + " " + current.since() + "\n")
            .getBytes(StandardCharsets.US_ASCII));
    byFamily.put(family, current);
  }
}
