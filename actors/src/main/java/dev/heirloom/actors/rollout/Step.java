package dev.heirloom.actors.rollout;

import java.util.List;

/**
 * What a rollout does next.
 *
 * @param events what is decided now
 * @param waits where nothing is: what it waits for, in a few words with its numbers
 */
record Step(List<RolloutEvent> events, String waits) {
  static final Step OVER = new Step(List.of(), "");

  Step {
    events = List.copyOf(events);
  }

  static Step of(RolloutEvent event) {
    return new Step(List.of(event), "");
  }

  static Step waitsFor(String what) {
    return new Step(List.of(), what);
  }
}
