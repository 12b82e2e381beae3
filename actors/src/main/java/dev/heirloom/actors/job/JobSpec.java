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
 * @param normalize {@code [input=]mean/deviation} each
 * @param options of {@code heirloom inherit}, by their names without {@code --}
 */
public record JobSpec(
    JobFile teacher,
    SampleSet train,
    SampleSet validate,
    List<String> normalize,
    Map<String, String> options) {
  private static final int MOST_ENTRIES = 64;
  private static final int MOST_CHARACTERS = 256;

  public JobSpec {
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
    return Stream.of(Stream.of(teacher), train.files().stream(), validate.files().stream())
        .flatMap(files -> files);
  }
}
