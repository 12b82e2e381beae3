package dev.heirloom.actors.accuracy;

/**
 * What is to be thought of a device's accuracy.
 *
 * @param kind what it is
 * @param reason one sentence with its numbers
 */
public record Finding(Kind kind, String reason) {

  /** What is found. */
  public enum Kind {
    /** Nothing asks for anything. */
    FINE,
    /** There are too few labels to tell whether the floor is met. */
    IN_DOUBT,
    /** The accuracy in the field is under the floor. */
    UNDER_FLOOR,
    /** What the device sees is not what it saw, and no labels say that this does no harm. */
    DRIFTED
  }

  /** Whether something is to be done. */
  public boolean bad() {
    return kind == Kind.UNDER_FLOOR || kind == Kind.DRIFTED;
  }
}
