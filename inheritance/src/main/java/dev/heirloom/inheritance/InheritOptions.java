package dev.heirloom.inheritance;

import dev.heirloom.inheritance.sample.Augmentation;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What an inheritance is asked to do.
 *
 * @param ladder which rungs
 * @param method how layers are factored
 * @param steps of the fine-tune; empty chooses from the data, 0 factors only
 * @param device auto, cpu or cuda
 * @param threads for training and evaluation, from 1
 * @param augmentation of what is trained on
 * @param taskChoice what the teacher is for, and what of it is learnt
 */
public record InheritOptions(
    LadderOptions ladder,
    MethodOptions method,
    OptionalInt steps,
    long seed,
    String device,
    int threads,
    Augmentation augmentation,
    TaskChoice taskChoice) {

  private static final Set<String> DEVICES = Set.of("auto", "cpu", "cuda");

  public InheritOptions {
    steps.ifPresent(value -> require("steps", value, 0, 10_000_000));
    require("threads", threads, 1, 1024);
    if (!DEVICES.contains(device)) {
      throw new IllegalArgumentException("device: " + device + " (expected: auto, cpu or cuda)");
    }
  }

  /** Options without augmentation, for what the teacher and its data tell. */
  public InheritOptions(
      LadderOptions ladder,
      MethodOptions method,
      OptionalInt steps,
      long seed,
      String device,
      int threads) {
    this(ladder, method, steps, seed, device, threads, Augmentation.NONE, TaskChoice.AUTO);
  }

  private static void require(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }
}
