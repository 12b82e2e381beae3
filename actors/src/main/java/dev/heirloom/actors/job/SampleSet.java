package dev.heirloom.actors.job;

import java.util.List;
import java.util.Set;

/**
 * Samples out of one or several files. Persisted as it is.
 *
 * @param format cifar10, cifar100, or empty for what the names tell
 * @param files 1..64, in their order
 */
public record SampleSet(String format, List<JobFile> files) {
  private static final Set<String> FORMATS = Set.of("", "cifar10", "cifar100");
  private static final int MOST_FILES = 64;

  public SampleSet {
    if (!FORMATS.contains(format)) {
      throw new IllegalArgumentException(
          "format: not one (expected: cifar10, cifar100 or nothing)");
    }
    if (files.isEmpty() || files.size() > MOST_FILES) {
      throw new IllegalArgumentException(
          "files: " + files.size() + " (expected: 1.." + MOST_FILES + ")");
    }
    files = List.copyOf(files);
  }
}
