package dev.heirloom.runtime.measure;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** Answers that are numbers to be met, or vectors whose direction is. */
final class NumberAnswers implements Answers {

  private final Purpose purpose;
  private final SampleSet samples;
  private final Numbers numbers;
  private float[] targets = {};

  NumberAnswers(String output, Purpose purpose, SampleSet samples) {
    this.purpose = purpose;
    this.samples = samples;
    this.numbers = new Numbers(output, samples.size());
  }

  @Override
  public void add(Map<String, TensorValue> inputs, TensorValue output, int from, int to)
      throws MalformedException {
    if (from == 0) {
      purpose.check(output.dims(), samples);
    }
    numbers.add(output, from, to);
    if (purpose.labelled(samples)) {
      addTargets(inputs, from, to);
    }
  }

  private void addTargets(Map<String, TensorValue> inputs, int from, int to)
      throws MalformedException {
    int each = numbers.elements();
    if (targets.length == 0) {
      targets = new float[each * samples.size()];
    }
    if (purpose.task() == Task.TASK_RECONSTRUCTION) {
      String input = Purpose.reconstructed(samples, each);
      Objects.requireNonNull(inputs.get(input))
          .floatBuffer()
          .get(targets, from * each, (to - from) * each);
      return;
    }
    for (int sample = from; sample < to; sample++) {
      for (int position = 0; position < each; position++) {
        targets[sample * each + position] = samples.target(sample, position);
      }
    }
  }

  @Override
  public OptionalDouble accuracy() {
    return targets.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(likeness(targets));
  }

  @Override
  public OptionalDouble loss() {
    if (targets.length == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        isEmbedding() ? 1 - numbers.cosine(targets) : numbers.unexplained(targets));
  }

  @Override
  public int[] classes() {
    return new int[0];
  }

  @Override
  public float[] numbers() {
    return numbers.values().clone();
  }

  @Override
  public double agreement(int[] classes, float[] reference) {
    return likeness(reference);
  }

  private double likeness(float[] expected) {
    return isEmbedding() ? Likeness.share(numbers.cosine(expected)) : numbers.explained(expected);
  }

  private boolean isEmbedding() {
    return purpose.task() == Task.TASK_EMBEDDING;
  }
}
