package dev.heirloom.control.compare;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * What is compared, and on what.
 *
 * @param teacher ONNX file
 * @param train samples to train on, as {@code SampleFiles} reads them
 * @param validate samples to report on
 * @param normalize {@code [input=]mean/deviation} options
 * @param sizes shares of the teacher's parameters, above 0 and below 1
 * @param seeds each method runs once with each
 * @param steps of training; empty takes what suits the kind of data
 * @param students ONNX files whose weights are forgotten; empty narrows the teacher
 * @param device auto, cpu or cuda
 * @param threads for training and evaluation, from 1; latency is measured on one
 */
public record ComparisonSettings(
    Path teacher,
    String train,
    String validate,
    List<String> normalize,
    List<Double> sizes,
    List<Long> seeds,
    OptionalInt steps,
    List<Path> students,
    List<ComparedMethod> methods,
    String device,
    int threads) {

  public ComparisonSettings {
    normalize = List.copyOf(normalize);
    sizes = sizes.stream().distinct().toList();
    seeds = seeds.stream().distinct().toList();
    students = List.copyOf(students);
    methods = methods.stream().distinct().sorted().toList();
    require(!sizes.isEmpty(), "sizes: none (expected: 1 or more)");
    for (double size : sizes) {
      require(size > 0 && size < 1, "sizes: " + size + " (expected: above 0 and below 1)");
    }
    require(!seeds.isEmpty(), "seeds: none (expected: 1 or more)");
    require(!methods.isEmpty(), "methods: none (expected: 1 or more)");
    require(steps.orElse(1) >= 1, "steps: " + steps.orElse(1) + " (expected: 1 or more)");
    require(threads >= 1, "threads: " + threads + " (expected: 1 or more)");
    require(
        List.of("auto", "cpu", "cuda").contains(device),
        "device: " + device + " (expected: auto, cpu or cuda)");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
