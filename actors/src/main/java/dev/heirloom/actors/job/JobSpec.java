package dev.heirloom.actors.job;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a job is asked to do. Persisted as it is.
 *
 * @param teacher an ONNX file
 * @param train samples to calibrate, train and choose on
 * @param validate samples to report on
 * @param ladder the manifest of the family whose ranks are taken, under the family's name; none:
 *     ranks are chosen
 * @param normalize {@code [input=]mean/deviation} each
 * @param options of {@code heirloom inherit}, by their names without {@code --}
 */
public record JobSpec(
    JobFile teacher,
    SampleSet train,
    SampleSet validate,
    List<JobFile> ladder,
    List<String> normalize,
    Map<String, String> options) {
  private static final int MOST_ENTRIES = 64;
  private static final int MOST_CHARACTERS = 256;

  public JobSpec {
    if (ladder.size() > 1) {
      throw new IllegalArgumentException("ladder: " + ladder.size() + " (expected: at most one)");
    }
    ladder = List.copyOf(ladder);
    if (normalize.size() > MOST_ENTRIES) {
      throw new IllegalArgumentException(
          "normalize: " + normalize.size() + " entries (expected: at most " + MOST_ENTRIES + ")");
    }
    if (options.size() > MOST_ENTRIES) {
      throw new IllegalArgumentException(
          "options: " + options.size() + " entries (expected: at most " + MOST_ENTRIES + ")");
    }
    normalize.forEach(JobSpec::requireShort);
    options.forEach(
        (name, value) -> {
          requireShort(name);
          requireShort(value);
        });
    normalize = List.copyOf(normalize);
    options = Collections.unmodifiableMap(new TreeMap<>(options));
  }

  private static void requireShort(String text) {
    if (text.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "options: " + text.length() + " characters (expected: at most " + MOST_CHARACTERS + ")");
    }
  }

  /** Every file that it needs. */
  public Stream<JobFile> files() {
    return Stream.concat(uploads(), ladder.stream());
  }

  /** Those of them that somebody uploaded. */
  public Stream<JobFile> uploads() {
    return Stream.of(Stream.of(teacher), train.files().stream(), validate.files().stream())
        .flatMap(files -> files);
  }
}
