package dev.heirloom.inheritance.training;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The number format that a training is asked to multiply in; weights stay in float32. */
public enum Arithmetic {
  /** Bfloat16 where the hardware multiplies it and one batch shows that it is exact enough. */
  AUTO,
  /** Bfloat16, whatever the hardware. */
  BFLOAT16,
  FLOAT32;

  /** As it is written on the command line. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The format with this title. */
  public static Optional<Arithmetic> of(String title) {
    return Arrays.stream(values()).filter(a -> a.title().equals(title)).findFirst();
  }
}
