package dev.heirloom.inheritance.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where an inheritance keeps its unfinished work, and what it does about work that is there.
 *
 * @param directory made when the work begins, removed when it is finished
 * @param existing what to do where there is unfinished work
 * @param every how often the fine-tune is kept while it runs, or less often where that would take
 *     more than a twentieth of the time; zero keeps it after each step
 * @param identity by what data are told from other data
 */
public record CheckpointPolicy(
    Path directory, Existing existing, Duration every, DataIdentity identity) {

  /** How often the fine-tune is kept where nobody asks for anything else. */
  public static final Duration EVERY = Duration.ofSeconds(30);

  /** Tells the files behind a data specification from others. */
  public interface DataIdentity {
    String of(String spec) throws IOException;
  }

  /** What to do about unfinished work. */
  public enum Existing {
    /** Refuse to begin. */
    REFUSE,
    /** Go on with it; refused where there is none. */
    RESUME,
    /** Throw it away. */
    RESTART
  }

  public CheckpointPolicy {
    if (every.isNegative()) {
      throw new IllegalArgumentException("every: " + every + " (expected: zero or more)");
    }
  }

  /** Data are told apart by where they lie, their size and their time. */
  public CheckpointPolicy(Path directory, Existing existing, Duration every) {
    this(directory, existing, every, FileIdentity::of);
  }

  /** The directory beside a family's that its unfinished work is kept in. */
  public static Path beside(Path family) {
    Path absolute = family.toAbsolutePath().normalize();
    Path name = absolute.getFileName();
    if (name == null) {
      throw new IllegalArgumentException("family: " + family + " (expected: not a root)");
    }
    return absolute.resolveSibling(name + ".checkpoint");
  }
}
