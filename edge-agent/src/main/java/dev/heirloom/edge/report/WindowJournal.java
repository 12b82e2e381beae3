package dev.heirloom.edge.report;

import dev.heirloom.edge.slot.Sealed;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The windows that the control plane has not taken yet, in memory and in a directory: one file per
 * window, named by its sequence, and {@code reporter} with what sequences are counted beneath.
 * Where there are too many, older ones become coarser. Blocks; one thread at a time.
 *
 * <p>Windows are not forced onto the disk: they outlive the agent, and all but the newest the loss
 * of power. The sequence never repeats, so that none is counted twice.
 */
public final class WindowJournal {
  /** How many are kept. */
  static final int MOST = 256;

  /** Of the oldest so many may have been sent without an answer, so they stay as they are. */
  static final int MOST_UNANSWERED = 16;

  private static final String REPORTER = "reporter";
  private static final int RESERVED_AT_ONCE = 1024;
  private static final int MOST_FILE_BYTES = 1 << 20;

  private final Path directory;
  private final Consumer<String> notes;
  private final List<Window> windows = new ArrayList<>();
  private long reporter;
  private long newest;
  private long reserved;
  private boolean saidUnkept;

  /**
   * Reads what an earlier agent left.
   *
   * @param random draws what sequences are counted beneath, where nothing was left
   * @param notes takes lines for a person
   */
  public WindowJournal(Path directory, LongSupplier random, Consumer<String> notes) {
    this.directory = directory;
    this.notes = notes;
    try {
      if (!goOn()) {
        begin(random);
      }
    } catch (IOException e) {
      unkept(e);
      // Counted beneath a number that no file knows: a later agent cannot repeat its sequences.
      reporter = random.getAsLong();
      reserved = Long.MAX_VALUE;
      windows.clear();
    }
  }

  /** What sequences are counted beneath. */
  public long reporter() {
    return reporter;
  }

  /** The newest sequence given out. */
  long newest() {
    return newest;
  }

  /** Keeps a window, and gives it its sequence. */
  void add(Window.Builder window) {
    if (newest == reserved) {
      reserve();
    }
    newest++;
    Window kept = window.setSequence(newest).build();
    windows.add(kept);
    write(kept);
    if (windows.size() > MOST) {
      coarsen();
    }
  }

  /** The oldest window whose sequence is above {@code sequence}. */
  Optional<Window> after(long sequence) {
    return windows.stream().filter(window -> window.getSequence() > sequence).findFirst();
  }

  /** Forgets the windows up to a sequence. */
  void taken(long sequence) {
    while (!windows.isEmpty() && windows.get(0).getSequence() <= sequence) {
      delete(windows.remove(0));
    }
  }

  int size() {
    return windows.size();
  }

  private boolean goOn() {
    try {
      Optional<byte[]> held = Sealed.read(directory.resolve(REPORTER), MOST_FILE_BYTES);
      if (held.isEmpty()) {
        return false;
      }
      ByteBuffer values = ByteBuffer.wrap(held.get());
      reporter = values.getLong();
      newest = values.getLong();
      reserved = newest;
      List<Window> left = new ArrayList<>();
      for (Path file : windowFiles()) {
        read(file).ifPresent(left::add);
      }
      left.sort(Comparator.comparingLong(Window::getSequence));
      left.forEach(this::takeUp);
      return true;
    } catch (IOException | MalformedException | BufferUnderflowException e) {
      notes.accept("reports of an earlier start are lost: " + e.getMessage());
      return false;
    }
  }

  /** A window that was merged into a later one may have stayed beside it. */
  private void takeUp(Window window) {
    while (!windows.isEmpty() && last().getSequence() >= WindowMerge.first(window)) {
      delete(windows.remove(windows.size() - 1));
    }
    windows.add(window);
  }

  private Window last() {
    return windows.get(windows.size() - 1);
  }

  private void begin(LongSupplier random) throws IOException {
    windows.clear();
    DurableFiles.deleteTree(directory);
    Files.createDirectories(directory);
    reporter = random.getAsLong();
    newest = 0;
    writeReserved(RESERVED_AT_ONCE);
  }

  private List<Path> windowFiles() throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "[0-9]*")) {
      all.forEach(files::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return files;
  }

  private Optional<Window> read(Path file) throws IOException {
    try {
      Optional<byte[]> content = Sealed.read(file, MOST_FILE_BYTES);
      if (content.isPresent()) {
        Window window = Window.parseFrom(content.get());
        if (file.equals(file(window)) && window.getSequence() <= reserved) {
          return Optional.of(window);
        }
      }
    } catch (IOException | MalformedException e) {
      notes.accept("a report of an earlier start is lost: " + e.getMessage());
    }
    DurableFiles.deleteTree(file);
    return Optional.empty();
  }

  private void reserve() {
    try {
      writeReserved(newest + RESERVED_AT_ONCE);
    } catch (IOException e) {
      unkept(e);
      reserved = Long.MAX_VALUE;
      try {
        // Better to count anew at the next start than to repeat a sequence.
        Files.deleteIfExists(directory.resolve(REPORTER));
      } catch (IOException again) {
        e.addSuppressed(again);
      }
    }
  }

  private void writeReserved(long upTo) throws IOException {
    byte[] values = ByteBuffer.allocate(2 * Long.BYTES).putLong(reporter).putLong(upTo).array();
    DurableFiles.replace(directory.resolve(REPORTER), Sealed.seal(values));
    reserved = upTo;
  }

  private void write(Window window) {
    try {
      Files.write(file(window), Sealed.seal(window.toByteArray()));
      saidUnkept = false;
    } catch (IOException e) {
      unkept(e);
    }
  }

  private void delete(Window window) {
    try {
      Files.deleteIfExists(file(window));
    } catch (IOException e) {
      unkept(e);
    }
  }

  private void unkept(IOException e) {
    if (!saidUnkept) {
      notes.accept("reports cannot be kept on disk: " + e.getMessage());
      saidUnkept = true;
    }
  }

  private Path file(Window window) {
    return directory.resolve("%020d".formatted(window.getSequence()));
  }

  /** Makes one window of two in the older half; of windows of different heirs the oldest goes. */
  private void coarsen() {
    int at = pair();
    if (at < 0) {
      Window lost = windows.remove(MOST_UNANSWERED);
      delete(lost);
      return;
    }
    Window later = windows.remove(at + 1);
    Window earlier = windows.get(at);
    Window merged = WindowMerge.of(earlier, later);
    windows.set(at, merged);
    write(merged);
    delete(earlier);
  }

  /** The pair of the shortest windows, of equal ones the oldest. */
  private int pair() {
    int best = -1;
    long shortest = Long.MAX_VALUE;
    for (int i = MOST_UNANSWERED; i + 1 < windows.size() / 2; i++) {
      Window earlier = windows.get(i);
      Window later = windows.get(i + 1);
      long millis = (long) earlier.getDurationMs() + later.getDurationMs();
      if (millis < shortest && WindowMerge.fits(earlier, later)) {
        best = i;
        shortest = millis;
      }
    }
    return best;
  }
}
