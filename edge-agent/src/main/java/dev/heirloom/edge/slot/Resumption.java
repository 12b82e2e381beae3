package dev.heirloom.edge.slot;

import dev.heirloom.edge.slot.BlobFetcher.FetchInterruptedException;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The search for an heir to begin with, without any network: the one in force, the same assembled
 * anew from its parts, the one before it, that assembled anew. An heir from its slot is the very
 * bytes that passed every check when they were written; one that is assembled passes them again.
 */
final class Resumption {
  private final HeirInstaller installer;
  private final Slots slots;
  private final Consumer<String> notes;
  private Optional<Exception> damage = Optional.empty();

  /**
   * @param notes takes lines for a person
   */
  Resumption(HeirInstaller installer, Slots slots, Consumer<String> notes) {
    this.installer = installer;
    this.slots = slots;
    this.notes = notes;
  }

  /** Something that may fail for what it finds on the disk. */
  private interface Step<T> {
    Optional<T> take()
        throws IOException, MalformedException, FetchInterruptedException, InstallException;
  }

  /**
   * Finds it.
   *
   * @return empty where nothing was ever in force
   * @throws MalformedException naming the first damage, where nothing else is left
   * @throws IOException the same, where the disk does not give something back
   */
  Optional<Heir> heir() throws IOException, MalformedException {
    Optional<Heir> heir = tried(slots::current).flatMap(this::ofPointer);
    if (heir.isEmpty()) {
      heir = tried(slots::previous).flatMap(this::ofPrevious);
    }
    if (heir.isEmpty() && damage.isPresent()) {
      if (damage.get() instanceof IOException unread) {
        throw unread;
      }
      throw new MalformedException(reason(), damage.get());
    }
    return heir;
  }

  private Optional<Heir> ofPointer(SlotPointer pointer) {
    return tried(() -> Optional.of(installer.reopened(pointer))).or(() -> rebuilt(pointer));
  }

  private Optional<Heir> rebuilt(SlotPointer pointer) {
    slots.lost(pointer.slot());
    Optional<HeirInstaller.Prepared> prepared =
        tried(() -> Optional.of(installer.rebuilt(pointer)));
    prepared.ifPresent(
        made ->
            intoForce(
                () -> installer.commit(made),
                pointer.heir() + " is assembled anew from its parts"));
    return prepared.map(HeirInstaller.Prepared::heir);
  }

  private Optional<Heir> ofPrevious(SlotPointer pointer) {
    Optional<Heir> heir = tried(() -> Optional.of(installer.reopened(pointer)));
    if (heir.isEmpty()) {
      return rebuilt(pointer);
    }
    intoForce(() -> slots.commit(pointer), pointer.heir() + ", which served before, serves again");
    return heir;
  }

  private interface Commit {
    void run() throws IOException, InstallException;
  }

  /** What serves is in memory: it serves also where the disk does not take it. */
  private void intoForce(Commit commit, String what) {
    String kept = "";
    try {
      commit.run();
    } catch (IOException | InstallException e) {
      kept = " (it cannot be brought into force on the disk: " + e.getMessage() + ")";
    }
    notes.accept("the heir on disk cannot be used (%s); %s%s".formatted(reason(), what, kept));
  }

  private <T> Optional<T> tried(Step<T> step) {
    try {
      return step.take();
    } catch (IOException
        | MalformedException
        | FetchInterruptedException
        | InstallException
        | RuntimeException e) {
      // Also what no check foresees: an agent that cannot start cannot fetch either.
      damage = damage.or(() -> Optional.of(e));
      return Optional.empty();
    }
  }

  private String reason() {
    return damage.map(Resumption::text).orElse("the file current is missing");
  }

  private static String text(Exception damage) {
    String kind = damage.getClass().getSimpleName();
    String message = damage.getMessage();
    if (message == null) {
      return kind;
    }
    // A file system's exception says only which file.
    return damage instanceof FileSystemException ? message + " (" + kind + ")" : message;
  }
}
