package dev.heirloom.runtime.trust;

/** Something must not be trusted; the message begins with what it would be if it were meant. */
public final class TrustException extends Exception {
  private final Attack attack;

  /** What a statement that must not be trusted may be part of (the names are TUF's). */
  public enum Attack {
    WRONG_SOFTWARE("wrong software"),
    ROLLBACK("rollback"),
    FREEZE("freeze"),
    MIX_AND_MATCH("mix-and-match"),
    KEY_COMPROMISE("key compromise");

    private final String title;

    Attack(String title) {
      this.title = title;
    }

    public String title() {
      return title;
    }
  }

  TrustException(Attack attack, String message) {
    super(attack.title() + ": " + message);
    this.attack = attack;
  }

  public Attack attack() {
    return attack;
  }
}
