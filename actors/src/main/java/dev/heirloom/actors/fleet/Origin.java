package dev.heirloom.actors.fleet;

/** Who asked for a limit that is in force. */
public sealed interface Origin {

  /** The agent, or the client of a single request, by its own budget. */
  Origin OWN = new Own();

  /** An operator, for this very device. */
  Origin OPERATOR = new Operator();

  /** The device's own budget. */
  record Own() implements Origin {
    @Override
    public String toString() {
      return "its own";
    }
  }

  /** A budget that an operator set for this device alone. */
  record Operator() implements Origin {
    @Override
    public String toString() {
      return "operator";
    }
  }

  /** A budget rule whose selector the device matches. */
  record Rule(String name) implements Origin {
    @Override
    public String toString() {
      return "rule " + name;
    }
  }
}
