package dev.heirloom.control.compare;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * One network to make and measure.
 *
 * @param size share of the teacher's parameters that it shall have; empty where the method leaves
 *     no choice
 * @param seed of everything drawn at random
 */
public record Trial(ComparedMethod method, OptionalDouble size, long seed) {

  /** Its file's name, without an ending. */
  String key() {
    String of = size.isPresent() ? "-" + size.getAsDouble() : "";
    return method.title() + of + "-seed" + seed;
  }

  /** For people. */
  String text() {
    String of =
        size.isPresent()
            ? String.format(Locale.ROOT, " at %.2f of the parameters", size.getAsDouble())
            : "";
    return method.title() + of + ", seed " + seed;
  }
}
