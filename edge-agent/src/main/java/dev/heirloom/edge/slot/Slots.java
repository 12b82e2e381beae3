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
 * whole. The file {@code previous} names the heir before, which stays until its slot is needed.
 */
final class Slots {
  private static final String CURRENT = "current";
  private static final String PREVIOUS = "previous";
  private static final String HEIR = "heir.onnx";
  private static final String MANIFEST = "manifest";
  private static final int MOST_POINTER_BYTES = 1 << 14;

  private final Path root;
  private final Disk disk;
  private Optional<Slot> lost = Optional.empty();

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
    return pointer(CURRENT);
  }

  /**
   * What was in force before. Its slot may hold another heir by now.
   *
   * @throws MalformedException if the pointer is damaged
   */
  Optional<SlotPointer> previous() throws IOException, MalformedException {
    return pointer(PREVIOUS);
  }

  private Optional<SlotPointer> pointer(String name) throws IOException, MalformedException {
    Path file = root.resolve(name);
    try {
      if (Files.size(file) > MOST_POINTER_BYTES) {
        throw new MalformedException(Files.size(file) + " bytes");
      }
      return Optional.of(SlotPointer.parse(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (MalformedException e) {
      throw e.in(name);
    }
  }

  /**
   * The ONNX bytes of an heir.
   *
   * @throws MalformedException if they are not what the pointer says
   */
  byte[] read(SlotPointer pointer) throws IOException, MalformedException {
    return read(directory(pointer.slot()).resolve(HEIR), pointer.file());
  }

  /**
   * The manifest of an heir's family, as the slot holds it beside the heir.
   *
   * @throws MalformedException if it is not what the pointer says
   */
  byte[] manifest(SlotPointer pointer) throws IOException, MalformedException {
    return read(directory(pointer.slot()).resolve(MANIFEST), pointer.manifest());
  }

  private static byte[] read(Path file, Blob named) throws IOException, MalformedException {
    long size = Files.size(file);
    if (size != named.getSizeBytes()) {
      throw new MalformedException(
          "%s: %d bytes (expected: %d)".formatted(file, size, named.getSizeBytes()));
    }
    byte[] bytes = Files.readAllBytes(file);
    if (!Digest.of(bytes).equals(Digest.of(named))) {
      throw new MalformedException(file + ": damaged (its digest differs)");
    }
    return bytes;
  }

  /** What is in a slot is of no use: the next heir is written there, though it be in force. */
  void lost(Slot slot) {
    lost = Optional.of(slot);
  }

  /**
   * Writes an heir to the slot that is not in force; it is not in force by that.
   *
   * @param manifest of its family, so that the slot is enough to serve from
   */
  Written write(byte[] onnx, byte[] manifest) throws IOException {
    Slot slot = free();
    Path directory = Files.createDirectories(directory(slot));
    disk.replace(directory.resolve(MANIFEST), manifest);
    disk.replace(directory.resolve(HEIR), onnx);
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
    Optional<SlotPointer> before = readable(CURRENT).filter(old -> old.slot() != pointer.slot());
    if (before.isPresent()) {
      disk.replace(root.resolve(PREVIOUS), before.get().encode());
    }
    disk.replace(root.resolve(CURRENT), pointer.encode());
    disk.syncDirectory(root);
    lost = Optional.empty();
  }

  private Slot free() {
    return lost.orElseGet(
        () ->
            readable(CURRENT)
                .or(() -> readable(PREVIOUS))
                .map(pointer -> pointer.slot().other())
                .orElse(Slot.A));
  }

  private Optional<SlotPointer> readable(String name) {
    try {
      return pointer(name);
    } catch (IOException | MalformedException e) {
      return Optional.empty();
    }
  }

  private Path directory(Slot slot) {
    return root.resolve("slots").resolve(slot.directory());
  }
}
