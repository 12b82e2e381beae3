package dev.heirloom.inheritance.training;

import java.util.SplittableRandom;

/** Batches of sample indices: every sample once, in random order, then again in another. */
final class Shuffle {
  private final int[] order;
  private final SplittableRandom random;
  private int next;

  Shuffle(int samples, SplittableRandom random) {
    this.order = new int[samples];
    this.random = random;
    for (int i = 0; i < samples; i++) {
      order[i] = i;
    }
    next = samples;
  }

  /** The next indices, at most as many as there are samples. */
  int[] next(int count) {
    int size = Math.min(count, order.length);
    int[] batch = new int[size];
    for (int i = 0; i < size; i++) {
      if (next == order.length) {
        reorder();
        next = 0;
      }
      batch[i] = order[next++];
    }
    return batch;
  }

  private void reorder() {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
  }
}
