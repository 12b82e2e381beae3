package dev.heirloom.runtime.session;

/** The runtime did not take a model or an input; the message is one line. */
public final class SessionException extends Exception {

  /**
   * @param message one line
   */
  public SessionException(String message) {
    super(message);
  }

  /**
   * @param message one line
   * @param cause what the runtime threw
   */
  public SessionException(String message, Throwable cause) {
    super(message, cause);
  }
}
