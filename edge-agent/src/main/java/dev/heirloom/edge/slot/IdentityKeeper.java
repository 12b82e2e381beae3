package dev.heirloom.edge.slot;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.edge.identity.DeviceIdentity;
import dev.heirloom.proto.v1.HeldIdentity;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps what the device is known by in the file {@code identity}: the message and its SHA-256. Only
 * the file's owner can read it. Where an agent is started under another device's name, what is
 * there goes to {@code identity-of-NAME} before anything takes its place: a key that is lost is
 * lost for good.
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

  /** What was kept of a device; empty where there is nothing, or nothing that can be read. */
  public Optional<DeviceIdentity> read(String device) {
    Optional<DeviceIdentity> kept = read(root.resolve(FILE), notes);
    if (kept.isPresent() && kept.get().device().equals(device)) {
      return kept;
    }
    Optional<DeviceIdentity> aside =
        read(aside(device), ignored -> {}).filter(found -> found.device().equals(device));
    kept.ifPresent(
        other ->
            notes.accept(
                "this state directory was device %s's the last time; %s"
                    .formatted(
                        other.device(),
                        aside.isPresent()
                            ? device + " is what it was before that"
                            : device + " is to be enrolled, and nothing of the other is lost")));
    return aside;
  }

  private static Optional<DeviceIdentity> read(Path file, Consumer<String> notes) {
    try {
      Optional<byte[]> content = Sealed.read(file, LARGEST_BYTES);
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

  private Path aside(String device) {
    return root.resolve(FILE + "-of-" + device);
  }

  private static String lost(String why) {
    return "what this device is known by cannot be read ("
        + why
        + "); its certificate must be revoked, and the device enrolled again";
  }

  /** Keeps it in place of what was kept; durable when this returns. */
  public void keep(DeviceIdentity identity) throws IOException {
    Optional<DeviceIdentity> before = read(root.resolve(FILE), ignored -> {});
    if (before.isPresent() && !before.get().device().equals(identity.device())) {
      disk.rename(root.resolve(FILE), aside(before.get().device()));
      disk.syncDirectory(root);
    }
    disk.replacePrivate(root.resolve(FILE), Sealed.seal(identity.held().toByteArray()));
    disk.syncDirectory(root);
    Files.deleteIfExists(aside(identity.device()));
  }
}
