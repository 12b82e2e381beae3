package dev.heirloom.runtime;

/**
 * Something that came from outside is not what it should be; the message is one line that names it.
 */
public final class MalformedException extends Exception {

  private static final int LONGEST_LINE = 600;

  /**
   * @param message one line that names the origin and the field
   */
  public MalformedException(String message) {
    super(line(message));
  }

  /**
   * @param message one line that names the origin and the field
   * @param cause what was noticed first
   */
  public MalformedException(String message, Throwable cause) {
    super(line(message), cause);
  }

  /** Names come from outside: what would break a line or fill a screen with them is taken out. */
  private static String line(String message) {
    String plain = message.replaceAll("\\p{Cntrl}", "?");
    return plain.length() > LONGEST_LINE ? plain.substring(0, LONGEST_LINE) + "…" : plain;
  }

  /** The same finding, with the name of the file that it was made in. */
  public MalformedException in(String origin) {
    return new MalformedException(origin + ": " + getMessage(), this);
  }
}
