package dev.heirloom.inheritance;

import dev.heirloom.inheritance.training.Arithmetic;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What the fine-tune is asked to do otherwise than it would.
 *
 * @param batch samples in a step; empty takes what suits the kind of network
 * @param learningRate highest learning rate; empty takes what suits the kind of network
 * @param arithmetic number format of products
 */
public record Tuning(OptionalInt batch, OptionalDouble learningRate, Arithmetic arithmetic) {

  public Tuning {
    batch.ifPresent(
        value -> {
          if (value < 1 || value > 1 << 20) {
            throw new IllegalArgumentException(
                "batch: " + value + " (expected: 1.." + (1 << 20) + ")");
          }
        });
    learningRate.ifPresent(
        value -> {
          if (!(value > 0 && value <= 10)) {
            throw new IllegalArgumentException(
                "learning-rate: " + value + " (expected: above 0, at most 10)");
          }
        });
  }

  /** Nothing asked for. */
  public static Tuning suitable() {
    return new Tuning(OptionalInt.empty(), OptionalDouble.empty(), Arithmetic.AUTO);
  }
}
