package dev.heirloom.actors.rollout;

import java.util.Locale;

/**
 * How the attempt to bring a device to the target ended.
 *
 * @param device its name
 * @param result what became of it
 * @param reason one sentence
 */
public record AttemptEnd(String device, Result result, String reason) {

  /** What becomes of an attempt. Names are persisted. */
  public enum Result {
    /** It serves the target. */
    INSTALLED,
    /** It could not install the target, or did not in time although it was there. */
    FAILED,
    /** It was not there in time; it is given back to the current version. */
    OVERDUE,
    /** Its twin refused: another rollout has it, or it is in quarantine. */
    REFUSED,
    /** An operator removed it, or put it into quarantine, while it was under way. */
    WITHDRAWN;

    /** The word for it in sentences. */
    String label() {
      return this == OVERDUE ? "not there" : name().toLowerCase(Locale.ROOT);
    }
  }
}
