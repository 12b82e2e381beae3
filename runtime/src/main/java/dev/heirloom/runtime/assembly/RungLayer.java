package dev.heirloom.runtime.assembly;

import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;

/**
 * One layer at one rung.
 *
 * @param pair the factors, at the rung's rank
 * @param patch the rung's patch for the layer
 */
public record RungLayer(FactorPair pair, PatchLayer patch) {

  /** Checks that the patch fits the factors. */
  public RungLayer {
    sized("scale", patch.scale().length, pair.outputs(), true);
    sized("bias", patch.bias().length, pair.outputs(), true);
    sized("gate bias", patch.gateBias().length, pair.heads() == 1 ? 0 : pair.heads(), false);
  }

  private static void sized(String what, int actual, int expected, boolean mayBeEmpty) {
    if (actual != expected && !(mayBeEmpty && actual == 0)) {
      throw new IllegalArgumentException(
          what + ": " + actual + " values (expected: " + expected + ")");
    }
  }
}
