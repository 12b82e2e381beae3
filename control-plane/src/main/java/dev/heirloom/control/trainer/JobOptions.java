package dev.heirloom.control.trainer;

import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.LadderOptions;
import dev.heirloom.inheritance.Method;
import dev.heirloom.inheritance.MethodOptions;
import dev.heirloom.inheritance.TaskChoice;
import dev.heirloom.inheritance.Tuning;
import dev.heirloom.inheritance.ladder.Cost;
import dev.heirloom.inheritance.sample.Augmentation;
import dev.heirloom.inheritance.training.Arithmetic;
import dev.heirloom.inheritance.training.Distillation;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Wire;
import dev.heirloom.runtime.measure.Purpose;
import dev.heirloom.runtime.text.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The options of a job: those of {@code heirloom inherit} that say what the family is to be, by
 * their names without {@code --}, and {@code hold}. What only says how the work is done is the
 * trainer's. The family of {@code ladder-of} is a published one here.
 */
public final class JobOptions {
  /** Whether devices shall not take the family by themselves: the control plane's to know. */
  public static final String HOLD = "hold";

  /** Name of the published family whose ranks are taken instead of choosing. */
  public static final String LADDER_OF = "ladder-of";

  /** The options of an inheritance that a job may have, beside {@link #HOLD}. */
  public static final List<String> NAMES =
      List.of(
          "rungs",
          "steps",
          "method",
          "heads",
          "cost",
          "budget-parameters",
          "budget-latency",
          LADDER_OF,
          "task",
          "output",
          "distil",
          "augment",
          "seed",
          "batch",
          "learning-rate",
          "precision",
          "wire");

  private final Map<String, String> values;

  private JobOptions(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  /**
   * Takes options by their names.
   *
   * @throws IllegalArgumentException if one is not known
   */
  public static JobOptions parse(Map<String, String> values) {
    for (String name : values.keySet()) {
      if (!NAMES.contains(name) && !name.equals(HOLD)) {
        throw new IllegalArgumentException(
            "%s: no option of a job (expected: one of %s, %s)"
                .formatted(name, String.join(", ", NAMES), HOLD));
      }
    }
    return new JobOptions(values);
  }

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException names the first that is not acceptable
   */
  public void check() {
    inherit("cpu", 1, Optional.empty());
    hold();
  }

  /** Whether devices shall not take the family by themselves. */
  public boolean hold() {
    return named(HOLD, false, new Boolean[] {true, false}, value -> Boolean.toString(value));
  }

  /**
   * What an inheritance is asked to do.
   *
   * @param device auto, cpu or cuda
   * @param threads from 1
   * @param ladder the family whose ranks are taken; empty chooses ranks
   * @throws IllegalArgumentException names the first value that is not acceptable
   */
  public InheritOptions inherit(String device, int threads, Optional<Manifest> ladder) {
    LadderOptions chosen =
        new LadderOptions(
            integer("rungs").orElse(8),
            named("cost", Cost.LATENCY, Cost.values(), Cost::title),
            LadderOptions.USUAL_SIZES,
            shares(),
            budgetLatency(),
            List.of());
    return new InheritOptions(
        ladder.map(LadderOptions::of).orElse(chosen),
        method(),
        integer("steps"),
        value("seed").map(text -> parsed("seed", text, Long::valueOf)).orElse(1L),
        device,
        threads,
        augmentation(),
        task(),
        new Tuning(integer("batch"), learningRate(), arithmetic()),
        named("wire", Wire.FP32, Wire.values(), Wire::title));
  }

  private MethodOptions method() {
    return new MethodOptions(
        named("method", Method.HEIRLOOM, Method.values(), Method::title),
        integer("heads"),
        true,
        true,
        true);
  }

  private TaskChoice task() {
    return new TaskChoice(
        value("task")
            .filter(task -> !task.equals("auto"))
            .map(
                task ->
                    Purpose.task(task)
                        .orElseThrow(
                            () ->
                                refused(
                                    "task", task, "auto, " + String.join(", ", Purpose.titles())))),
        value("output"),
        named("distil", Distillation.LOGITS, Distillation.values(), Distillation::title));
  }

  private Augmentation augmentation() {
    try {
      return Augmentation.parse(value("augment").orElse(""));
    } catch (MalformedException e) {
      throw new IllegalArgumentException("augment: " + e.getMessage(), e);
    }
  }

  private Arithmetic arithmetic() {
    return value("precision")
        .map(
            text ->
                Arithmetic.of(text)
                    .orElseThrow(() -> refused("precision", text, "auto, bfloat16, float32")))
        .orElse(Arithmetic.AUTO);
  }

  private OptionalDouble learningRate() {
    return value("learning-rate")
        .map(text -> OptionalDouble.of(parsed("learning-rate", text, Double::valueOf)))
        .orElse(OptionalDouble.empty());
  }

  private OptionalLong budgetLatency() {
    return value("budget-latency")
        .map(
            text ->
                OptionalLong.of(
                    parsed("budget-latency", text, time -> Quantity.duration(time).toNanos())))
        .orElse(OptionalLong.empty());
  }

  private List<Double> shares() {
    return value("budget-parameters").stream()
        .flatMap(text -> Stream.of(text.split(",", -1)))
        .map(share -> parsed("budget-parameters", share, Double::valueOf))
        .toList();
  }

  private OptionalInt integer(String name) {
    return value(name)
        .map(text -> OptionalInt.of(parsed(name, text, Integer::valueOf)))
        .orElse(OptionalInt.empty());
  }

  private <T> T named(String name, T usual, T[] all, Function<T, String> title) {
    Optional<String> wanted = value(name);
    if (wanted.isEmpty()) {
      return usual;
    }
    return Stream.of(all)
        .filter(one -> title.apply(one).equals(wanted.get()))
        .findFirst()
        .orElseThrow(
            () ->
                refused(name, wanted.get(), String.join(", ", Stream.of(all).map(title).toList())));
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(values.get(name));
  }

  private static <T> T parsed(String name, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": '" + text + "' cannot be read", e);
    }
  }

  private static IllegalArgumentException refused(String name, String value, String expected) {
    return new IllegalArgumentException(
        name + ": '" + value + "' (expected: one of " + expected + ")");
  }
}
