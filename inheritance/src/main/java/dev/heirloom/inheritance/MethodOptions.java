package dev.heirloom.inheritance;

import java.util.OptionalInt;

/**
 * How layers are factored.
 *
 * @param method faithful, plain or our default
 * @param heads up-projections per layer, 1..8; empty takes the method's, which the default method
 *     chooses on held-back data
 * @param gated false leaves the gate out: heads without one add up to a single linear map, so one
 *     is kept
 * @param sharedDown false gives every head a down-projection of its own, a part of the rank each
 *     ("symmetric")
 * @param inherited false starts from random factors of the same size in place of the decomposition
 */
public record MethodOptions(
    Method method, OptionalInt heads, boolean gated, boolean sharedDown, boolean inherited) {

  public static final int MOST_HEADS = 8;

  public MethodOptions {
    heads.ifPresent(
        value -> {
          if (value < 1 || value > MOST_HEADS) {
            throw new IllegalArgumentException(
                "heads: " + value + " (expected: 1.." + MOST_HEADS + ")");
          }
        });
  }

  /** A method without ablations. */
  public static MethodOptions of(Method method) {
    return new MethodOptions(method, OptionalInt.empty(), true, true, true);
  }

  /** Heads that are asked for, or the method's own number. */
  int startingHeads() {
    return gated ? heads.orElse(method.defaultHeads()) : 1;
  }

  /** Whether the number of heads is to be chosen on held-back data. */
  boolean choosesHeads() {
    return method == Method.HEIRLOOM && heads.isEmpty() && gated && sharedDown && inherited;
  }
}
