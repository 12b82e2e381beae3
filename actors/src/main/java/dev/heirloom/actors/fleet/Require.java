package dev.heirloom.actors.fleet;

/**
 * Checks of record components; a violation is a caller's bug or a bad message, and names the
 * component.
 */
final class Require {

  private Require() {}

  static void within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }

  static void notNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
    }
  }

  static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: 0..1)");
    }
  }

  static void finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: a finite number)");
    }
  }

  static void length(String name, String value, int most) {
    if (value.length() > most) {
      throw new IllegalArgumentException(
          name + ": " + value.length() + " characters (expected: at most " + most + ")");
    }
  }

  static void size(String name, int size, int most) {
    if (size > most) {
      throw new IllegalArgumentException(
          name + ": " + size + " entries (expected: at most " + most + ")");
    }
  }
}
