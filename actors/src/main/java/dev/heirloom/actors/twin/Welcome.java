package dev.heirloom.actors.twin;

/** What a twin says to a stream that opens. */
public sealed interface Welcome {

  /**
   * It is the device's stream.
   *
   * @param tookOver whether an older one of another process gave no sign of life
   */
  record Taken(boolean tookOver) implements Welcome {}

  /**
   * Another process under the device's name is alive.
   *
   * @param reason one sentence
   */
  record Copy(String reason) implements Welcome {}
}
