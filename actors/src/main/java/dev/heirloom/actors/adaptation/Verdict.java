package dev.heirloom.actors.adaptation;

import java.util.Optional;

/**
 * What the policy made of a window or of a change.
 *
 * @param next the policy's state from now on
 * @param choice empty where everything stays as it is
 */
public record Verdict(PolicyState next, Optional<Choice> choice) {

  static Verdict stay(PolicyState next) {
    return new Verdict(next, Optional.empty());
  }

  static Verdict move(PolicyState state, Choice choice) {
    return new Verdict(state.movedTo(choice.rung()), Optional.of(choice));
  }
}
