package dev.heirloom.inheritance.ladder;

import java.util.Locale;

/** What the ladder counts as the price of a rank. */
public enum Cost {
  /** Bytes of the factors, float32. */
  BYTES,
  /** Multiply-accumulates for one sample. */
  MACS,
  /** Measured time in the runtime. */
  LATENCY;

  /** As it is written on the command line. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }
}
