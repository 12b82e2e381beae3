package dev.heirloom.inheritance.student;

/**
 * A number of channels that a student may have fewer of. Widths that have to stay equal are joined;
 * one that has to stay as it is is frozen.
 */
final class Width {
  private final long original;
  private Width parent = this;
  private long multiple = 1;
  private boolean frozen;
  private long size;

  /**
   * @param original channels of the teacher, 1 or more
   */
  Width(long original) {
    this.original = original;
    this.size = original;
  }

  /** The width that speaks for all that were joined with this one. */
  Width root() {
    Width root = this;
    while (root.parent != root) {
      root = root.parent;
    }
    parent = root;
    return root;
  }

  /** Makes two widths one; both have the same number of channels. */
  void join(Width other) {
    Width here = root();
    Width there = other.root();
    if (here == there) {
      return;
    }
    if (here.original != there.original) {
      throw new IllegalArgumentException(
          "width: " + there.original + " (expected: " + here.original + ")");
    }
    there.parent = here;
    here.multiple = lcm(here.multiple, there.multiple);
    here.frozen |= there.frozen;
  }

  /** Keeps the number of channels as it is. */
  void freeze() {
    root().frozen = true;
  }

  boolean frozen() {
    return root().frozen;
  }

  /** Asks for a number of channels that this divides. */
  void divisibleBy(long divisor) {
    Width root = root();
    root.multiple = lcm(root.multiple, divisor);
  }

  long original() {
    return original;
  }

  /** Channels that were last chosen. */
  long size() {
    return root().size;
  }

  /**
   * Chooses a share of the teacher's channels.
   *
   * @param share 0..1
   * @param block channels that the number shall be a multiple of, where there are that many
   */
  void scale(double share, long block) {
    Width root = root();
    if (root.frozen) {
      return;
    }
    long step = lcm(root.multiple, block);
    long chosen = Math.round(share * root.original / step) * step;
    root.size = Math.max(root.multiple, Math.min(root.original, chosen));
  }

  private static long lcm(long a, long b) {
    return a / gcd(a, b) * b;
  }

  static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
