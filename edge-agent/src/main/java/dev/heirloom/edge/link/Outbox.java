package dev.heirloom.edge.link;

import dev.heirloom.proto.v1.FromAgent;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * What waits to be sent, oldest first. Outcomes and what trials found wait for the next connection,
 * the oldest of too many gives way; windows are kept elsewhere, a few at a time are here.
 */
final class Outbox {
  static final int MOST_OUTCOMES = 32;

  private final ArrayDeque<FromAgent> waiting = new ArrayDeque<>();

  void add(FromAgent message) {
    List<FromAgent> kept = waiting.stream().filter(other -> !other.hasWindow()).toList();
    if (!message.hasWindow() && kept.size() >= MOST_OUTCOMES) {
      waiting.remove(kept.get(0));
    }
    waiting.add(message);
  }

  /**
   * Puts a message before the others.
   *
   * @param offering whether the first of these is being sent
   */
  void addFirst(FromAgent message, boolean offering) {
    Optional<FromAgent> underWay =
        offering ? Optional.ofNullable(waiting.poll()) : Optional.empty();
    waiting.addFirst(message);
    underWay.ifPresent(waiting::addFirst);
  }

  void dropWindows() {
    waiting.removeIf(FromAgent::hasWindow);
  }

  Optional<FromAgent> first() {
    return Optional.ofNullable(waiting.peek());
  }

  /** Forgets {@code message} if it is still the first. */
  void sent(FromAgent message) {
    if (message.equals(waiting.peek())) {
      waiting.remove();
    }
  }

  int size() {
    return waiting.size();
  }
}
