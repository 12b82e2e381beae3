package dev.heirloom.inheritance;

import java.util.Locale;

/** The stages of an inheritance, in order. */
public enum Stage {
  READ,
  CALIBRATE,
  FACTOR,
  LADDER,
  FINE_TUNE,
  RECALIBRATE,
  EVALUATE,
  WRITE;

  /** For people: lower case, words apart by hyphens. */
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
