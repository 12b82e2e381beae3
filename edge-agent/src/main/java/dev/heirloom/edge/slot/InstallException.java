package dev.heirloom.edge.slot;

/** A new heir was turned down; the old one stays in service. */
public final class InstallException extends Exception {
  private final Check check;

  /** What a new heir has to pass, in this order. */
  public enum Check {
    TRUST("trust"),
    FETCH("fetch"),
    DIGEST("digest"),
    ASSEMBLE("assemble"),
    OPEN("open"),
    GOLDEN_OUTPUTS("golden-outputs"),
    PROBE("probe"),
    COMMIT("commit");

    private final String title;

    Check(String title) {
      this.title = title;
    }

    /** The name that is reported to the control plane. */
    public String title() {
      return title;
    }
  }

  /**
   * @param message one line
   */
  public InstallException(Check check, String message) {
    super(message);
    this.check = check;
  }

  /**
   * @param cause its message becomes part of this one's
   */
  public InstallException(Check check, Throwable cause) {
    super(reason(cause), cause);
    this.check = check;
  }

  public Check check() {
    return check;
  }

  private static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }
}
