package dev.heirloom.inheritance;

import dev.heirloom.inheritance.sample.Augmentation;
import dev.heirloom.runtime.family.Wire;
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
 * @param tuning what the fine-tune is asked to do otherwise
 * @param wire how the family's weights are written
 */
public record InheritOptions(
    LadderOptions ladder,
    MethodOptions method,
    OptionalInt steps,
    long seed,
    String device,
    int threads,
    Augmentation augmentation,
    TaskChoice taskChoice,
    Tuning tuning,
    Wire wire) {

  private static final Set<String> DEVICES = Set.of("auto", "cpu", "cuda");

  public InheritOptions {
    steps.ifPresent(value -> require("steps", value, 0, 10_000_000));
    require("threads", threads, 1, 1024);
    if (!DEVICES.contains(device)) {
      throw new IllegalArgumentException("device: " + device + " (expected: auto, cpu or cuda)");
    }
  }

  /** Options without augmentation, for what teacher and data tell, tuned as suits the network. */
  public InheritOptions(
      LadderOptions ladder,
      MethodOptions method,
      OptionalInt steps,
      long seed,
      String device,
      int threads) {
    this(
        ladder,
        method,
        steps,
        seed,
        device,
        threads,
        Augmentation.NONE,
        TaskChoice.AUTO,
        Tuning.suitable(),
        Wire.FP32);
  }

  /** The same with other augmentation. */
  public InheritOptions with(Augmentation other) {
    return new InheritOptions(
        ladder, method, steps, seed, device, threads, other, taskChoice, tuning, wire);
  }

  /** The same with another task. */
  public InheritOptions with(TaskChoice other) {
    return new InheritOptions(
        ladder, method, steps, seed, device, threads, augmentation, other, tuning, wire);
  }

  /** The same, tuned otherwise. */
  public InheritOptions with(Tuning other) {
    return new InheritOptions(
        ladder, method, steps, seed, device, threads, augmentation, taskChoice, other, wire);
  }

  /** The same, written otherwise. */
  public InheritOptions with(Wire other) {
    return new InheritOptions(
        ladder, method, steps, seed, device, threads, augmentation, taskChoice, tuning, other);
  }

  private static void require(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }
}
