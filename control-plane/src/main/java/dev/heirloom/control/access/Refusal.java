package dev.heirloom.control.access;

/**
 * Why a call is refused.
 *
 * @param reason one sentence, for the caller, the audit log
 */
public record Refusal(Kind kind, String reason) {

  /** Sorts of refusals; metrics count by them. */
  public enum Kind {
    /** Nothing says who calls. */
    UNKNOWN("unknown"),
    /** What says who calls is not valid: expired, revoked, foreign, made up. */
    INVALID("invalid"),
    /** Who calls may not do that. */
    ROLE("role"),
    /** Who calls may not do that to this object. */
    OBJECT("object"),
    /** Too many calls. */
    RATE("rate"),
    /** Too many calls whose identity was not valid. */
    FAILURES("failures"),
    /** A second process under a device's name, while the first is alive. */
    COPY("copy");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    /** As metrics name it. */
    public String label() {
      return label;
    }
  }

  static Refusal invalid(String reason) {
    return new Refusal(Kind.INVALID, reason);
  }
}
