package dev.heirloom.runtime.measure;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Map;
import java.util.OptionalDouble;

/** A model's answers to some samples, as they come in. */
interface Answers {

  /**
   * Takes one run's answers.
   *
   * @param inputs of the run, by name
   * @param output what the model gave
   * @param from first sample of the run
   * @param to the sample after the last
   */
  void add(Map<String, TensorValue> inputs, TensorValue output, int from, int to)
      throws MalformedException;

  /** How well they meet labels or targets, 0..1; empty where there are none. */
  OptionalDouble accuracy();

  /** How far they miss them, from 0. */
  OptionalDouble loss();

  /** The classes named, one per answer; empty where answers are numbers. */
  int[] classes();

  /** The numbers, row-major; empty where answers are classes. */
  float[] numbers();

  /**
   * How well they agree with a reference model's, 0..1.
   *
   * @param classes of the reference, as {@link #classes} gives them
   * @param numbers of the reference, as {@link #numbers} gives them
   */
  double agreement(int[] classes, float[] numbers);
}
