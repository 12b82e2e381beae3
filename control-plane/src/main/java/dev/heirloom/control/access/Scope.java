package dev.heirloom.control.access;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The devices that a token is for.
 *
 * @param patterns names, each with or without a {@code *} at its end; none stands for the fleet
 */
public record Scope(List<String> patterns) {
  /** Every device there is or will be. */
  public static final Scope FLEET = new Scope(List.of());

  private static final int MOST_PATTERNS = 50;
  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._-]{0,128}\\*?");

  public Scope {
    patterns = List.copyOf(patterns);
    if (patterns.size() > MOST_PATTERNS) {
      throw new IllegalArgumentException(
          "devices: " + patterns.size() + " (expected: at most " + MOST_PATTERNS + ")");
    }
    for (String pattern : patterns) {
      if (pattern.isEmpty() || !PATTERN.matcher(pattern).matches()) {
        throw new IllegalArgumentException(
            "devices: '" + pattern + "' (expected: a device's name, or its beginning and '*')");
      }
    }
  }

  /** Whether it is for every device. */
  public boolean isFleet() {
    return patterns.isEmpty();
  }

  /** Whether a device belongs to it; one that serves a second family is named beside the first. */
  public boolean covers(String device) {
    String name = owner(device);
    return isFleet()
        || patterns.stream()
            .anyMatch(
                pattern ->
                    pattern.endsWith("*")
                        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                        : name.equals(pattern));
  }

  /** The device that a name is of: {@code NAME/FAMILY} is a second family on NAME. */
  public static String owner(String device) {
    int slash = device.indexOf('/');
    return slash < 0 ? device : device.substring(0, slash);
  }
}
