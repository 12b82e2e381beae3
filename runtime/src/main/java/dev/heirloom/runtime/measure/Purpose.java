package dev.heirloom.runtime.measure;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.SampleSet;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a model is for, and where it says it.
 *
 * @param task what its answers are
 * @param output name of the output that holds the answers; empty means the first
 */
public record Purpose(Task task, String output) {

  private static final List<Task> TASKS =
      List.of(
          Task.TASK_CLASSIFICATION,
          Task.TASK_NEXT_TOKEN,
          Task.TASK_REGRESSION,
          Task.TASK_EMBEDDING,
          Task.TASK_RECONSTRUCTION);

  /** The names by which tasks are asked for. */
  public static List<String> titles() {
    return TASKS.stream().map(Purpose::title).toList();
  }

  /** The name by which a task is asked for, as in {@code next-token}. */
  public static String title(Task task) {
    return task.name().substring("TASK_".length()).toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The task of a name, if there is one. */
  public static Optional<Task> task(String title) {
    return TASKS.stream().filter(task -> title(task).equals(title)).findFirst();
  }

  /** A task that the model's first output answers. */
  public static Purpose of(Task task) {
    return new Purpose(task, "");
  }

  /** What the heirs of a family are for. */
  public static Purpose of(Manifest manifest) {
    return new Purpose(manifest.getTask(), manifest.getAnswer());
  }

  /**
   * The purpose that was asked for or, if none was, what targets and shape tell: floating-point
   * targets are for a regression, a score per class for a classification, a score per class and
   * position for next tokens, and any other output is numbers to be met.
   *
   * @param output name of the output that holds the answers
   * @param dims its shape, batch first
   * @throws MalformedException if the output cannot be for that task, or the samples' labels or
   *     targets do not fit it
   */
  public static Purpose choose(Optional<Task> asked, String output, long[] dims, SampleSet samples)
      throws MalformedException {
    Task task;
    if (asked.isPresent()) {
      task = asked.get();
    } else if (samples.targetsPerSample() > 0) {
      task = Task.TASK_REGRESSION;
    } else if (!samples.labelled() && (width(dims) < 2 || dims.length > 3)) {
      task = Task.TASK_REGRESSION;
    } else {
      task = dims.length == 3 ? Task.TASK_NEXT_TOKEN : Task.TASK_CLASSIFICATION;
    }
    Purpose purpose = new Purpose(task, output);
    purpose.check(dims, samples);
    return purpose;
  }

  /** Whether the answers are classes; else they are numbers. */
  public boolean namesClasses() {
    return task == Task.TASK_CLASSIFICATION || task == Task.TASK_NEXT_TOKEN;
  }

  /** Whether it is known of these samples what the answers should be. */
  public boolean labelled(SampleSet samples) {
    return switch (task) {
      case TASK_REGRESSION -> samples.labelled() || samples.targetsPerSample() > 0;
      case TASK_EMBEDDING -> samples.targetsPerSample() > 0;
      case TASK_RECONSTRUCTION -> true;
      default -> samples.labelled();
    };
  }

  /**
   * The output that holds the answers.
   *
   * @throws MalformedException if there is none of that name, or it does not hold float32
   */
  public TensorSpec answer(List<TensorSpec> outputs) throws MalformedException {
    TensorSpec answer = outputs.get(0);
    if (!output.isEmpty()) {
      List<String> names = outputs.stream().map(TensorSpec::name).toList();
      if (!names.contains(output)) {
        throw new MalformedException(
            "output %s: the model has no such output (expected: one of %s)"
                .formatted(output, names));
      }
      answer = outputs.get(names.indexOf(output));
    }
    if (answer.type() != ElementType.ELEMENT_TYPE_FLOAT32) {
      throw new MalformedException("output " + answer.name() + ": not floating-point");
    }
    return answer;
  }

  /** The floating-point outputs beside the one that holds the answers. */
  public List<String> others(List<TensorSpec> outputs) throws MalformedException {
    String answer = answer(outputs).name();
    return outputs.stream()
        .filter(other -> other.type() == ElementType.ELEMENT_TYPE_FLOAT32)
        .map(TensorSpec::name)
        .filter(name -> !name.equals(answer))
        .toList();
  }

  /**
   * Name of the input that a reconstruction should equal: the first with as many elements.
   *
   * @param elements of one sample of the output
   */
  public static String reconstructed(SampleSet samples, long elements) throws MalformedException {
    for (String input : samples.inputs()) {
      if (samples.elements(input) == elements) {
        return input;
      }
    }
    throw new MalformedException(
        "reconstruction: no input has the output's %d elements (expected: an autoencoder)"
            .formatted(elements));
  }

  /**
   * Checks that the answers fit the task, and labels or targets the answers.
   *
   * @param dims the output's shape, batch first
   */
  public void check(long[] dims, SampleSet samples) throws MalformedException {
    switch (task) {
      case TASK_CLASSIFICATION -> {
        requireScores(dims.length >= 2 && elements(dims) == width(dims), dims, "[batch, classes]");
        checkLabels(1, width(dims), samples);
      }
      case TASK_NEXT_TOKEN -> {
        requireScores(dims.length == 3, dims, "[batch, positions, classes]");
        checkLabels(dims[1], width(dims), samples);
      }
      case TASK_REGRESSION, TASK_EMBEDDING -> checkTargets(elements(dims), samples);
      case TASK_RECONSTRUCTION -> reconstructed(samples, elements(dims));
      default -> throw new MalformedException("task: not given");
    }
  }

  private void requireScores(boolean fits, long[] dims, String expected) throws MalformedException {
    if (!fits || width(dims) < 1) {
      throw new MalformedException(
          "output %s: shape %s (expected: %s)".formatted(output, Arrays.toString(dims), expected));
    }
  }

  private static void checkLabels(long perSample, long classes, SampleSet samples)
      throws MalformedException {
    if (samples.targetsPerSample() > 0) {
      throw new MalformedException("labels are floating-point (expected: integers)");
    }
    if (!samples.labelled()) {
      return;
    }
    if (samples.labelsPerSample() != perSample) {
      throw new MalformedException(
          "%d labels a sample (expected: %d)".formatted(samples.labelsPerSample(), perSample));
    }
    samples.checkLabels(classes);
  }

  private void checkTargets(long elements, SampleSet samples) throws MalformedException {
    int targets = samples.targetsPerSample();
    if (task == Task.TASK_REGRESSION && samples.labelled()) {
      targets = samples.labelsPerSample();
    }
    if (labelled(samples) && targets != elements) {
      throw new MalformedException(
          "%d targets a sample (expected: %d)".formatted(targets, elements));
    }
  }

  private static long width(long[] dims) {
    return dims.length < 2 ? 1 : dims[dims.length - 1];
  }

  /** Elements of one sample. */
  private static long elements(long[] dims) {
    return Arrays.stream(dims).skip(1).reduce(1, Math::multiplyExact);
  }
}
