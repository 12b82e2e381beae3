package dev.heirloom.runtime.measure;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/** Runs samples through a model and measures its answers. */
public final class Evaluation {

  /** Of outputs beside the one that holds the answers, so many samples are kept. */
  private static final int OTHERS_SAMPLES = 256;

  private Evaluation() {}

  /** Evaluates the model's first output as {@link #of} does with a purpose. */
  public static Result of(
      OnnxSession session,
      SampleSet samples,
      Preprocessor preprocessor,
      Task task,
      int batch,
      LongConsumer samplesDone)
      throws SessionException, MalformedException {
    return of(session, samples, preprocessor, Purpose.of(task), batch, samplesDone);
  }

  /**
   * Evaluates a model. Samples that do not fill a batch run as a smaller one.
   *
   * @param samples labelled or not; without labels only {@link Result#agreement} can be asked for
   * @param batch samples per run
   * @param samplesDone is told after each run how many samples are done
   * @throws MalformedException if there is no sample, or the output does not hold an answer for
   *     each, or a label or target does not fit it
   */
  public static Result of(
      OnnxSession session,
      SampleSet samples,
      Preprocessor preprocessor,
      Purpose purpose,
      int batch,
      LongConsumer samplesDone)
      throws SessionException, MalformedException {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: " + batch + " (expected: 1 or more)");
    }
    if (samples.size() == 0) {
      throw new MalformedException("there are no samples");
    }
    String output = purpose.answer(session.outputs()).name();
    List<String> names = purpose.others(session.outputs());
    Answers answers =
        purpose.namesClasses()
            ? new ClassAnswers(output, purpose, samples)
            : new NumberAnswers(output, purpose, samples);
    Map<String, Numbers> others = new LinkedHashMap<>();
    int kept = Math.min(OTHERS_SAMPLES, samples.size());
    names.forEach(name -> others.put(name, new Numbers(name, kept)));
    for (int from = 0; from < samples.size(); from += batch) {
      int to = Math.min(samples.size(), from + batch);
      Map<String, TensorValue> inputs =
          preprocessor.batch(samples, IntStream.range(from, to).toArray());
      List<String> wanted = new ArrayList<>(List.of(output));
      wanted.addAll(from < kept ? names : List.of());
      Map<String, TensorValue> outputs = session.run(inputs, wanted);
      answers.add(inputs, Objects.requireNonNull(outputs.get(output)), from, to);
      for (String name : wanted.subList(1, wanted.size())) {
        Objects.requireNonNull(others.get(name))
            .add(Objects.requireNonNull(outputs.get(name)), from, to);
      }
      samplesDone.accept(to);
    }
    return new Result(answers, others);
  }

  /** What an evaluation found. */
  public static final class Result {

    private final Answers answers;
    private final Map<String, Numbers> others;

    private Result(Answers answers, Map<String, Numbers> others) {
      this.answers = answers;
      this.others = others;
    }

    /** Whether it was known what the answers should be. */
    public boolean labelled() {
      return answers.accuracy().isPresent();
    }

    /**
     * How well the answers meet labels or targets, 0..1: the share of labels met, R², or the mean
     * cosine.
     *
     * @throws IllegalStateException if the samples are not labelled
     */
    public double accuracy() {
      return known(answers.accuracy());
    }

    /**
     * How well the answers meet labels or targets; of samples without any, those of a reference.
     */
    public double accuracy(Result reference) {
      return labelled() ? accuracy() : agreement(reference);
    }

    /**
     * Mean cross-entropy in nats; for numbers the squared error as a share of the targets' spread,
     * for vectors one less the mean cosine.
     *
     * @throws IllegalStateException if the samples are not labelled
     */
    public double loss() {
      return known(answers.loss());
    }

    /** The class that the model names for each label, in the labels' layout; none of numbers. */
    public int[] classes() {
      return answers.classes();
    }

    /** The model's answers where they are numbers, row-major, samples first; none of classes. */
    public float[] numbers() {
      return answers.numbers();
    }

    /**
     * How well both models' answers to the same samples agree, 0..1: the share of answers with the
     * same class, R², or the mean cosine.
     */
    public double agreement(Result reference) {
      return answers.agreement(reference.answers.classes(), reference.answers.numbers());
    }

    /** The same with a model's classes. */
    public double agreement(int[] classes) {
      return answers.agreement(classes, new float[0]);
    }

    /** The same with a model's numbers. */
    public double agreement(float[] numbers) {
      return answers.agreement(new int[0], numbers);
    }

    /** R² between both models' other outputs, at least 0, on the first samples, by name. */
    public Map<String, Double> others(Result reference) {
      Map<String, Double> agreements = new LinkedHashMap<>();
      others.forEach(
          (name, numbers) -> {
            Numbers expected = reference.others.get(name);
            if (expected != null) {
              agreements.put(name, numbers.explained(expected.values()));
            }
          });
      return agreements;
    }

    private static double known(OptionalDouble measure) {
      return measure.orElseThrow(() -> new IllegalStateException("the samples have no labels"));
    }
  }
}
