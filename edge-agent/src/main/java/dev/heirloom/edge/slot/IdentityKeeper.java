package dev.heirloom.edge.slot;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.edge.identity.DeviceIdentity;
import dev.heirloom.proto.v1.HeldIdentity;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps what the device is known by in the file {@code identity}: the message and its SHA-256. Only
 * the file's owner can read it.
 */
public final class IdentityKeeper {
  private static final String FILE = "identity";
  private static final int LARGEST_BYTES = 64 << 10;

  private final Path root;
  private final Disk disk;
  private final Consumer<String> notes;

  /**
   * Nothing is read yet.
   *
   * @param notes takes lines for a person
   */
  IdentityKeeper(Path root, Disk disk, Consumer<String> notes) {
    this.root = root;
    this.disk = disk;
    this.notes = notes;
  }

  /** What was kept; empty where there is nothing, or nothing that can be read. */
  public Optional<DeviceIdentity> read() {
    try {
      Optional<byte[]> content = Sealed.read(root.resolve(FILE), LARGEST_BYTES);
      return content.isEmpty()
          ? Optional.empty()
          : Optional.of(DeviceIdentity.of(HeldIdentity.parseFrom(content.get())));
    } catch (InvalidProtocolBufferException e) {
      notes.accept(lost("damaged"));
    } catch (MalformedException | IOException e) {
      notes.accept(lost(String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  private static String lost(String why) {
    return "what this device is known by cannot be read ("
        + why
        + "); its certificate must be revoked, and the device enrolled again";
  }

  /** Keeps it in place of what was kept; durable when this returns. */
  public void keep(DeviceIdentity identity) throws IOException {
    disk.replacePrivate(root.resolve(FILE), Sealed.seal(identity.held().toByteArray()));
    disk.syncDirectory(root);
  }
}
