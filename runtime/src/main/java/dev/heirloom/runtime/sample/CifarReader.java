package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/**
 * Reads CIFAR's binary files: records of one label byte (CIFAR-100: two, the coarse class and the
 * fine one, which is used) and 3 × 32 × 32 pixel bytes, channels first.
 */
final class CifarReader {

  private static final int PIXELS = 3 * 32 * 32;

  /** The two sets. */
  enum Variant {
    CIFAR10("cifar10:", 1, 10, "data_batch_*.bin"),
    CIFAR100("cifar100:", 2, 100, "train.bin");

    private final String prefix;
    private final int labelBytes;
    private final int classes;
    private final String training;

    Variant(String prefix, int labelBytes, int classes, String training) {
      this.prefix = prefix;
      this.labelBytes = labelBytes;
      this.classes = classes;
      this.training = training;
    }

    /** What a specification begins with. */
    String prefix() {
      return prefix;
    }

    private int recordBytes() {
      return labelBytes + PIXELS;
    }
  }

  /**
   * Images and labels.
   *
   * @param images uint8, samples × 3 × 32 × 32
   * @param labels uint8, one per sample
   */
  record Content(RawArray images, RawArray labels) {}

  private CifarReader() {}

  /**
   * Reads all records of all files.
   *
   * @param files with commas between them: files, file names with {@code *}, or directories, whose
   *     training files are taken
   */
  static Content read(Variant variant, String files, Reading reading)
      throws IOException, MalformedException {
    List<Rows> parts = new ArrayList<>();
    List<Path> found = find(variant, files);
    long records = 0;
    for (Path file : found) {
      Rows part = records(variant, file, reading);
      checkLabels(variant, file, part);
      parts.add(part);
      records += part.size();
    }
    if (records > Integer.MAX_VALUE) {
      throw new MalformedException(
          "%s%s: %d samples (expected: at most %d)"
              .formatted(variant.prefix, files, records, Integer.MAX_VALUE));
    }
    Rows all = Rows.concat(parts);
    return new Content(
        new RawArray(
            ElementType.ELEMENT_TYPE_UINT8,
            List.of(records, 3L, 32L, 32L),
            all.at(variant.labelBytes, PIXELS)),
        new RawArray(
            ElementType.ELEMENT_TYPE_UINT8, List.of(records), all.at(variant.labelBytes - 1, 1)));
  }

  private static Rows records(Variant variant, Path file, Reading reading)
      throws IOException, MalformedException {
    int recordBytes = variant.recordBytes();
    try (FileChannel channel = FileChannel.open(file)) {
      long bytes = channel.size();
      if (bytes == 0 || bytes % recordBytes != 0) {
        throw new MalformedException(
            "%s: %d bytes (expected: records of %d, 1 or more; truncated, or not %s)"
                .formatted(file, bytes, recordBytes, variant.prefix));
      }
      if (bytes / recordBytes > Integer.MAX_VALUE) {
        throw new MalformedException(file + ": more than " + Integer.MAX_VALUE + " samples");
      }
      int count = (int) (bytes / recordBytes);
      if (bytes > reading.heapBytes()) {
        return Rows.map(channel, 0, count, recordBytes, 0, recordBytes, reading.pieceBytes());
      }
      ByteBuffer held = ByteBuffer.allocate((int) bytes);
      while (held.hasRemaining()) {
        if (channel.read(held) < 0) {
          throw new MalformedException(file + ": truncated");
        }
      }
      return Rows.of(held.flip(), count, recordBytes);
    }
  }

  /** A file of the other set, or of something else, has labels that are none. */
  private static void checkLabels(Variant variant, Path file, Rows records)
      throws MalformedException {
    for (int i = 0; i < records.size(); i++) {
      int at = records.position(i) + variant.labelBytes - 1;
      int label = Byte.toUnsignedInt(records.piece(i).get(at));
      if (label >= variant.classes) {
        throw new MalformedException(
            "%s: label of record %d: %d (expected: 0..%d; is it a file of %s?)"
                .formatted(file, i, label, variant.classes - 1, variant.prefix));
      }
    }
  }

  private static List<Path> find(Variant variant, String files)
      throws IOException, MalformedException {
    List<Path> found = new ArrayList<>();
    for (String part : files.split(",", -1)) {
      try {
        Path path = Path.of(part);
        if (part.isEmpty()) {
          throw new MalformedException(
              "data '%s%s': names no file".formatted(variant.prefix, files));
        } else if (Files.isDirectory(path)) {
          found.addAll(matching(path, variant.training));
        } else if (part.contains("*")) {
          Path parent = path.getParent() == null ? Path.of("") : path.getParent();
          found.addAll(matching(parent, path.getFileName().toString()));
        } else if (Files.exists(path)) {
          found.add(path);
        } else {
          throw new NoSuchFileException(part);
        }
      } catch (InvalidPathException | PatternSyntaxException e) {
        throw new MalformedException("data '" + part + "': not a path", e);
      }
    }
    return found;
  }

  /** The files of a directory whose names match, in their order. */
  private static List<Path> matching(Path directory, String pattern)
      throws IOException, MalformedException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, pattern)) {
      files.forEach(found::add);
    }
    if (found.isEmpty()) {
      throw new MalformedException("%s: no file %s".formatted(directory, pattern));
    }
    found.sort(null);
    return found;
  }
}
