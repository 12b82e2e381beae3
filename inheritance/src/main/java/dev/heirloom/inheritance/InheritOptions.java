package dev.heirloom.inheritance;

import java.util.OptionalInt;
import java.util.Set;

/**
 * What an inheritance is asked to do.
 *
 * @param rungs how many at most, 1..32
 * @param steps of the fine-tune; empty chooses from the data, 0 factors only
 * @param heads per layer, 1 or 3; empty takes the method's
 * @param device auto, cpu or cuda
 * @param threads for training and evaluation, from 1
 * @param tuning what the fine-tune is asked to do otherwise
 */
public record InheritOptions(
    int rungs,
    OptionalInt steps,
    Method method,
    OptionalInt heads,
    long seed,
    String device,
    int threads,
    Tuning tuning) {

  private static final Set<String> DEVICES = Set.of("auto", "cpu", "cuda");

  public InheritOptions {
    require("rungs", rungs, 1, 32);
    steps.ifPresent(value -> require("steps", value, 0, 10_000_000));
    heads.ifPresent(value -> require("heads", value, 1, 8));
    require("threads", threads, 1, 1024);
    if (!DEVICES.contains(device)) {
      throw new IllegalArgumentException("device: " + device + " (expected: auto, cpu or cuda)");
    }
  }

  /** Options whose fine-tune is set up as suits the network. */
  public InheritOptions(
      int rungs,
      OptionalInt steps,
      Method method,
      OptionalInt heads,
      long seed,
      String device,
      int threads) {
    this(rungs, steps, method, heads, seed, device, threads, Tuning.suitable());
  }

  private static void require(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }

  int effectiveHeads() {
    return heads.orElse(method.defaultHeads());
  }
}
