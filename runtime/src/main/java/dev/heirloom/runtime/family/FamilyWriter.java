package dev.heirloom.runtime.family;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Replaces a directory whole. The new content is written beside it; the old is put aside for the
 * instant between two renames, and {@link #recover} puts it back should the power fail in that
 * instant.
 */
final class FamilyWriter {

  /** Fills an empty directory. */
  interface Content {
    void writeTo(Path directory) throws IOException, MalformedException;
  }

  private final Path target;
  private final Path staged;
  private final Path previous;

  FamilyWriter(Path target) {
    this.target = target.toAbsolutePath().normalize();
    this.staged = sibling(this.target, ".staged");
    this.previous = sibling(this.target, ".previous");
  }

  void write(Content content) throws IOException, MalformedException {
    recover(target);
    DurableFiles.deleteTree(staged);
    Files.createDirectories(staged);
    try {
      content.writeTo(staged);
      DurableFiles.syncDirectory(staged);
      replace();
    } finally {
      DurableFiles.deleteTree(staged);
    }
  }

  /** Finishes what an earlier, interrupted replacement left. */
  static void recover(Path directory) throws IOException {
    Path target = directory.toAbsolutePath().normalize();
    if (target.getParent() == null) {
      return;
    }
    Path previous = sibling(target, ".previous");
    if (Files.exists(previous)) {
      if (Files.exists(target)) {
        DurableFiles.deleteTree(previous);
      } else {
        DurableFiles.move(previous, target);
      }
    }
  }

  private void replace() throws IOException {
    boolean replaces = Files.exists(target);
    if (replaces) {
      DurableFiles.move(target, previous);
    }
    try {
      DurableFiles.move(staged, target);
    } catch (IOException e) {
      if (replaces) {
        DurableFiles.move(previous, target);
      }
      throw e;
    }
    DurableFiles.deleteTree(previous);
  }

  private static Path sibling(Path target, String suffix) {
    return target.resolveSibling("." + target.getFileName() + suffix);
  }
}
