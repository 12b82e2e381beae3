package dev.heirloom.actors.job;

import java.util.Locale;

/** Where a job stands. Persisted by name. */
public enum JobState {
  QUEUED,
  CALIBRATING,
  FACTORING,
  FINE_TUNING,
  EVALUATING,
  PUBLISHED,
  FAILED,
  CANCELLED;

  /** Whether a trainer works on it. */
  public boolean running() {
    return this == CALIBRATING || this == FACTORING || this == FINE_TUNING || this == EVALUATING;
  }

  /** Whether nothing more will happen by itself. */
  public boolean ended() {
    return this == PUBLISHED || this == FAILED || this == CANCELLED;
  }

  /** For people: lower case, words apart by hyphens. */
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
