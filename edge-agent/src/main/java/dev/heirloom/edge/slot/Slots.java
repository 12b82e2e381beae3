package dev.heirloom.edge.slot;

import dev.heirloom.edge.slot.SlotPointer.Slot;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Two places for an heir, {@code slots/a} and {@code slots/b}, and the file {@code current} that
 * names the one in force. An heir is written to the other slot and comes into force by the rename
 * of {@code current} alone, so that a crash at any instant leaves the old heir or the new one,
 * whole.
 */
final class Slots {
  private static final String HEIR = "heir.onnx";
  private static final int MOST_POINTER_BYTES = 1 << 14;

  private final Path root;
  private final Disk disk;

  Slots(Path root, Disk disk) {
    this.root = root;
    this.disk = disk;
  }

  /**
   * What is in force.
   *
   * @throws MalformedException if the pointer is damaged
   */
  Optional<SlotPointer> current() throws IOException, MalformedException {
    Path file = root.resolve("current");
    try {
      if (Files.size(file) > MOST_POINTER_BYTES) {
        throw new MalformedException("current: " + Files.size(file) + " bytes");
      }
      return Optional.of(SlotPointer.parse(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * The ONNX bytes of the heir in force.
   *
   * @throws MalformedException if they are not what the pointer says
   */
  byte[] read(SlotPointer pointer) throws IOException, MalformedException {
    Path file = heirFile(pointer.slot());
    long size = Files.size(file);
    if (size != pointer.file().getSizeBytes()) {
      throw new MalformedException(
          "%s: %d bytes (expected: %d)".formatted(file, size, pointer.file().getSizeBytes()));
    }
    byte[] bytes = Files.readAllBytes(file);
    if (!Digest.of(bytes).equals(Digest.of(pointer.file()))) {
      throw new MalformedException(file + ": damaged (its digest differs)");
    }
    return bytes;
  }

  /** Writes an heir to the slot that is not in force; it is not in force by that. */
  Written write(byte[] onnx) throws IOException {
    Slot slot = free();
    Path file = heirFile(slot);
    Path directory = root.resolve("slots").resolve(slot.directory());
    Files.createDirectories(directory);
    Path temporary = file.resolveSibling(HEIR + ".new");
    disk.write(temporary, onnx);
    disk.rename(temporary, file);
    disk.syncDirectory(directory);
    disk.syncDirectory(root.resolve("slots"));
    disk.syncDirectory(root);
    return new Written(slot, BlobStore.blob(onnx));
  }

  /**
   * An heir on disk that is not in force.
   *
   * @param file names its bytes
   */
  record Written(Slot slot, Blob file) {}

  /** Brings a written heir into force. */
  void commit(SlotPointer pointer) throws IOException {
    Path temporary = root.resolve("current.new");
    disk.write(temporary, pointer.encode());
    disk.rename(temporary, root.resolve("current"));
    disk.syncDirectory(root);
  }

  private Slot free() throws IOException {
    try {
      return current().map(pointer -> pointer.slot().other()).orElse(Slot.A);
    } catch (MalformedException e) {
      return Slot.A;
    }
  }

  private Path heirFile(Slot slot) {
    return root.resolve("slots").resolve(slot.directory()).resolve(HEIR);
  }
}
