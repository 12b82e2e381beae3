package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.inheritance.training.TrainingState;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The unfinished work of one inheritance, in a directory that this process has claimed: its
 * settings, then the factors, then in their place ladder and factors, then again and again the
 * state of the fine-tune. Whatever ends the process, each part is there as it was last kept, or not
 * at all.
 */
public final class Checkpoint implements AutoCloseable {
  private static final String SETTINGS = "settings";
  private static final String FACTORED = "factors";
  private static final String START = "start";
  private static final String MARK = "fine-tune";
  private static final String WEIGHTS = "weights.";

  private final CheckpointPolicy policy;
  private final Claim claim;
  private final Cadence cadence;
  private Optional<Factored> factored = Optional.empty();
  private Optional<Start> start = Optional.empty();
  private Optional<Mark> mark = Optional.empty();
  private boolean finished;

  private Checkpoint(CheckpointPolicy policy, Claim claim, LongSupplier nanoTime) {
    this.policy = policy;
    this.claim = claim;
    this.cadence = new Cadence(policy.every(), nanoTime);
  }

  /**
   * Claims the directory and reads what is in it.
   *
   * @param settings of the inheritance that is about to begin or to go on
   * @throws CheckpointException if there is unfinished work that the policy does not allow to go on
   *     with or to throw away, or none to go on with
   */
  public static Checkpoint open(CheckpointPolicy policy, Settings settings) throws IOException {
    return open(policy, settings, System::nanoTime);
  }

  static Checkpoint open(CheckpointPolicy policy, Settings settings, LongSupplier nanoTime)
      throws IOException {
    Path directory = policy.directory();
    boolean resumes = policy.existing() == CheckpointPolicy.Existing.RESUME;
    if (resumes && !Files.isDirectory(directory)) {
      throw new CheckpointException(
          directory + " is not there: nothing to resume", "Begin without --resume.");
    }
    Checkpoint checkpoint = new Checkpoint(policy, Claim.of(directory), nanoTime);
    try {
      checkpoint.take(settings);
      return checkpoint;
    } catch (IOException | RuntimeException e) {
      checkpoint.claim.close();
      throw e;
    }
  }

  private void take(Settings settings) throws IOException {
    switch (policy.existing()) {
      case REFUSE -> {
        if (Files.exists(file(START))) {
          throw refusal(settings);
        }
      }
      case RESUME -> load(settings);
      case RESTART -> Files.deleteIfExists(file(START));
    }
    if (start.isEmpty()) {
      Files.deleteIfExists(file(MARK));
    }
    if (factored.isEmpty()) {
      Files.deleteIfExists(file(FACTORED));
    }
    sweep();
    SealedFile.write(file(SETTINGS), settings::write);
  }

  private CheckpointException refusal(Settings settings) {
    String hint = "--restart throws it away.";
    try {
      Optional<String> difference =
          SealedFile.read(file(SETTINGS), Settings::read).differs(settings);
      return difference.isPresent()
          ? new CheckpointException(
              policy.directory() + " holds unfinished work of other settings: " + difference.get(),
              hint)
          : new CheckpointException(
              policy.directory() + " holds unfinished work of these settings",
              "--resume goes on with it, " + hint);
    } catch (IOException | MalformedException e) {
      return new CheckpointException(
          policy.directory() + " holds unfinished work that cannot be read: " + e.getMessage(),
          hint);
    }
  }

  private void load(Settings settings) throws IOException {
    boolean begun = Files.exists(file(START));
    if (!begun && !Files.exists(file(FACTORED))) {
      return;
    }
    Optional<String> difference;
    try {
      Settings kept = SealedFile.read(file(SETTINGS), Settings::read);
      mark = begun ? readMark() : Optional.empty();
      // Before its first step the fine-tune may still be set up otherwise.
      difference = mark.isPresent() ? kept.differs(settings) : kept.startDiffers(settings);
      if (difference.isEmpty() && begun) {
        start = Optional.of(SealedFile.read(file(START), Start::read));
      } else if (difference.isEmpty()) {
        factored = Optional.of(SealedFile.read(file(FACTORED), Factored::read));
      }
    } catch (MalformedException | IOException e) {
      throw new CheckpointException(
          "cannot resume: " + e.getMessage(), "--restart throws the checkpoint away.");
    }
    if (difference.isPresent()) {
      throw new CheckpointException(
          "cannot resume " + policy.directory() + ": " + difference.get(),
          "Resume with the settings that it was begun with, or throw it away with --restart.");
    }
  }

  private Optional<Mark> readMark() throws IOException, MalformedException {
    if (!Files.exists(file(MARK))) {
      return Optional.empty();
    }
    Mark read = SealedFile.read(file(MARK), Mark::read);
    Path weights = file(read.file());
    if (!Files.exists(weights) || Files.size(weights) != read.bytes()) {
      throw new MalformedException(weights + ": missing or cut off");
    }
    if (!HexFormat.of().formatHex(SealedFile.digest(weights)).equals(read.sha256())) {
      throw new MalformedException(weights + ": damaged (its SHA-256 differs)");
    }
    return Optional.of(read);
  }

  /** The factors, where they are kept and the ladder is not. */
  public Optional<Factored> factored() {
    return factored;
  }

  /** Ladder and factors, where they are kept. */
  public Optional<Start> start() {
    return start;
  }

  /** The file from which the fine-tune goes on, where it had begun. */
  public Optional<Path> training() {
    return mark.map(kept -> file(kept.file()));
  }

  /** What is kept, in words. */
  public String describe() {
    if (start.isEmpty()) {
      return factored.isPresent() ? FACTORED : "nothing yet";
    }
    return describe(mark);
  }

  private static String describe(Optional<Mark> mark) {
    return "ladder and factors" + mark.map(kept -> ", " + kept.describe()).orElse("");
  }

  /** What a directory keeps, in words; empty where that is nothing. */
  public static Optional<String> describe(Path directory) {
    if (!Files.exists(directory.resolve(START))) {
      return Files.exists(directory.resolve(FACTORED)) ? Optional.of(FACTORED) : Optional.empty();
    }
    try {
      Path file = directory.resolve(MARK);
      return Optional.of(
          describe(
              Files.exists(file)
                  ? Optional.of(SealedFile.read(file, Mark::read))
                  : Optional.empty()));
    } catch (IOException | MalformedException e) {
      return Optional.of(describe(Optional.empty()));
    }
  }

  /** Keeps the factors. */
  public void keepFactored(Factored weights) throws IOException {
    SealedFile.write(file(FACTORED), weights::write);
    factored = Optional.of(weights);
  }

  /** No ladder can be made of the factors: they are not kept any longer. */
  public void dropFactored() throws IOException {
    Files.deleteIfExists(file(FACTORED));
    factored = Optional.empty();
  }

  /** Keeps ladder and factors. */
  public void keepStart(Start chosen) throws IOException {
    SealedFile.write(file(START), chosen::write);
    start = Optional.of(chosen);
    dropFactored();
    cadence.restart();
  }

  /** Whether the fine-tune was last kept so long ago that it is time. */
  public boolean due() {
    return cadence.due();
  }

  /** Keeps the fine-tune; what was kept of it before is there until this has reached the disk. */
  public void keepTraining(TrainingState state) throws IOException {
    cadence.begin();
    Path temporary = file(WEIGHTS + "writing");
    state.write(temporary);
    try (RandomAccessFile written = new RandomAccessFile(temporary.toFile(), "rw")) {
      written.getFD().sync();
    }
    Mark next =
        new Mark(
            state.done(),
            state.total(),
            Files.size(temporary),
            HexFormat.of().formatHex(SealedFile.digest(temporary)));
    SealedFile.replace(temporary, file(next.file()));
    SealedFile.write(file(MARK), next::write);
    mark = Optional.of(next);
    sweep();
    cadence.end();
  }

  /** Removes weights that no mark names. */
  private void sweep() throws IOException {
    String kept = mark.map(Mark::file).orElse("");
    List<Path> old;
    try (Stream<Path> files = Files.list(policy.directory())) {
      old =
          files
              .filter(file -> file.getFileName().toString().startsWith(WEIGHTS))
              .filter(file -> !file.getFileName().toString().equals(kept))
              .toList();
    }
    for (Path file : old) {
      Files.deleteIfExists(file);
    }
  }

  private Path file(String name) {
    return policy.directory().resolve(name);
  }

  /** Removes everything: the family is written. */
  public void finish() {
    finished = true;
  }

  /** Gives the directory back, and removes it where it keeps nothing that is still needed. */
  @Override
  public void close() throws IOException {
    try {
      if (finished || (start.isEmpty() && factored.isEmpty())) {
        // The start goes first: without it the rest counts for nothing.
        Files.deleteIfExists(file(START));
        DurableFiles.deleteTree(policy.directory());
      }
    } finally {
      claim.close();
    }
  }
}
