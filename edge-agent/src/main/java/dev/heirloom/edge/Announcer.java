package dev.heirloom.edge;

/** Tells a person, in one line of plain words, what the agent does. Called from any thread. */
@FunctionalInterface
public interface Announcer {
  void say(String line);

  /** Writes to standard error, each line marked with the device's name. */
  static Announcer onStandardError(String device) {
    return line -> System.err.println("agent " + device + ": " + line);
  }
}
