package dev.heirloom.inheritance;

import java.util.List;

/** A teacher from which no useful heir can be made; says why, one line per reason. */
public final class RefusedException extends Exception {

  private final List<String> reasons;

  public RefusedException(String message, List<String> reasons) {
    super(message);
    this.reasons = List.copyOf(reasons);
  }

  /** What stood against each part, most telling first; may be empty. */
  public List<String> reasons() {
    return reasons;
  }
}
