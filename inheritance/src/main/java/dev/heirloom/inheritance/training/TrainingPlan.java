package dev.heirloom.inheritance.training;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How a family is trained.
 *
 * @param ranksByRung rank of each layer at each rung, smallest rung first; one empty list for a
 *     network without factored layers
 * @param steps optimiser steps; each sees one batch
 * @param batch samples in a batch
 * @param descent the optimiser
 * @param learningRate highest learning rate, reached after a short warm-up and left along a cosine
 * @param weightDecay per step and unit of learning rate, on matrices and kernels only
 * @param temperature softens both distributions that are compared with each other
 * @param hardWeight weight of the cross-entropy with the labels; without a teacher it is 1
 * @param softWeight weight of the divergence from the teacher, times the temperature squared
 * @param balanceWeight weight of the loss that keeps the heads of gated layers in use
 * @param seed of everything drawn at random
 * @param threads processor threads
 * @param cuda whether to run on the first CUDA device
 * @param arithmetic in which products are computed
 */
public record TrainingPlan(
    List<List<Integer>> ranksByRung,
    int steps,
    int batch,
    Descent descent,
    double learningRate,
    double weightDecay,
    double temperature,
    double hardWeight,
    double softWeight,
    double balanceWeight,
    long seed,
    int threads,
    boolean cuda,
    Arithmetic arithmetic) {

  public TrainingPlan {
    ranksByRung = ranksByRung.stream().map(List::copyOf).toList();
    require(!ranksByRung.isEmpty(), "ranksByRung: empty (expected: at least one rung)");
    int layers = ranksByRung.get(0).size();
    for (int rung = 0; rung < ranksByRung.size(); rung++) {
      List<Integer> ranks = ranksByRung.get(rung);
      require(ranks.size() == layers, "ranksByRung: rungs with different numbers of layers");
      for (int layer = 0; layer < layers; layer++) {
        int least = rung == 0 ? 1 : ranksByRung.get(rung - 1).get(layer);
        require(
            ranks.get(layer) >= least,
            "rank: " + ranks.get(layer) + " (expected: at least " + least + ")");
      }
    }
    require(steps >= 0, "steps: " + steps + " (expected: 0 or more)");
    require(batch >= 1, "batch: " + batch + " (expected: 1 or more)");
    require(learningRate > 0, "learningRate: " + learningRate + " (expected: above 0)");
    require(weightDecay >= 0, "weightDecay: " + weightDecay + " (expected: 0 or more)");
    require(temperature > 0, "temperature: " + temperature + " (expected: above 0)");
    require(
        hardWeight >= 0 && softWeight >= 0 && hardWeight + softWeight > 0,
        "hardWeight, softWeight: " + hardWeight + ", " + softWeight + " (expected: one above 0)");
    require(balanceWeight >= 0, "balanceWeight: " + balanceWeight + " (expected: 0 or more)");
    require(threads >= 1, "threads: " + threads + " (expected: 1 or more)");
  }

  /** A plan whose arithmetic is left to the trainer. */
  public TrainingPlan(
      List<List<Integer>> ranksByRung,
      int steps,
      int batch,
      Descent descent,
      double learningRate,
      double weightDecay,
      double temperature,
      double hardWeight,
      double softWeight,
      double balanceWeight,
      long seed,
      int threads,
      boolean cuda) {
    this(
        ranksByRung,
        steps,
        batch,
        descent,
        learningRate,
        weightDecay,
        temperature,
        hardWeight,
        softWeight,
        balanceWeight,
        seed,
        threads,
        cuda,
        Arithmetic.AUTO);
  }

  /**
   * What suits convolutional networks.
   *
   * @param steps of optimisation
   */
  public static TrainingPlan forImages(
      List<List<Integer>> ranksByRung, int steps, long seed, int threads, boolean cuda) {
    return new TrainingPlan(
        ranksByRung, steps, 128, Descent.SGD, 0.04, 5e-4, 2, 0.1, 0.9, 0.01, seed, threads, cuda);
  }

  /**
   * What suits transformers.
   *
   * @param steps of optimisation
   */
  public static TrainingPlan forTokens(
      List<List<Integer>> ranksByRung, int steps, long seed, int threads, boolean cuda) {
    return new TrainingPlan(
        ranksByRung, steps, 48, Descent.ADAMW, 1e-3, 0.01, 2, 0.1, 0.9, 0.01, seed, threads, cuda);
  }

  /** The same plan with what was asked for in the place of what suits. */
  public TrainingPlan tuned(
      OptionalInt askedBatch, OptionalDouble askedRate, Arithmetic askedArithmetic) {
    return with(
        askedBatch.orElse(batch),
        askedRate.orElse(learningRate),
        temperature,
        hardWeight,
        softWeight,
        askedArithmetic);
  }

  /** The same plan with the teacher alone to learn from, and its smaller answers in sight. */
  public TrainingPlan fromTeacherAlone() {
    return with(batch, learningRate, 4, 0, 1, arithmetic);
  }

  private TrainingPlan with(
      int otherBatch,
      double otherRate,
      double otherTemperature,
      double otherHardWeight,
      double otherSoftWeight,
      Arithmetic otherArithmetic) {
    return new TrainingPlan(
        ranksByRung,
        steps,
        otherBatch,
        descent,
        otherRate,
        weightDecay,
        otherTemperature,
        otherHardWeight,
        otherSoftWeight,
        balanceWeight,
        seed,
        threads,
        cuda,
        otherArithmetic);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Number of rungs. */
  public int rungs() {
    return ranksByRung.size();
  }
}
