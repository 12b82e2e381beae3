package dev.heirloom.runtime;

/**
 * Something that came from outside is not what it should be; the message is one line that names it.
 */
public final class MalformedException extends Exception {

  /**
   * @param message one line that names the origin and the field
   */
  public MalformedException(String message) {
    super(message);
  }

  /**
   * @param message one line that names the origin and the field
   * @param cause what was noticed first
   */
  public MalformedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The same finding, with the name of the file that it was made in. */
  public MalformedException in(String origin) {
    return new MalformedException(origin + ": " + getMessage(), this);
  }
}
