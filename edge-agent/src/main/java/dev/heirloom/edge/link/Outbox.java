package dev.heirloom.edge.link;

import dev.heirloom.proto.v1.FromAgent;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;

/**
 * What waits to be sent, oldest first. Bounded: the oldest windows give way; outcomes only to other
 * outcomes.
 */
final class Outbox {
  static final int MOST_WINDOWS = 360;
  static final int MOST_OUTCOMES = 32;

  private final ArrayDeque<FromAgent> waiting = new ArrayDeque<>();

  void add(FromAgent message) {
    int most = message.hasWindow() ? MOST_WINDOWS : MOST_OUTCOMES;
    long same =
        waiting.stream().filter(m -> m.getMessageCase() == message.getMessageCase()).count();
    if (same >= most) {
      removeOldest(message.getMessageCase());
    }
    waiting.add(message);
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

  private void removeOldest(FromAgent.MessageCase kind) {
    for (Iterator<FromAgent> all = waiting.iterator(); all.hasNext(); ) {
      if (all.next().getMessageCase() == kind) {
        all.remove();
        return;
      }
    }
  }
}
