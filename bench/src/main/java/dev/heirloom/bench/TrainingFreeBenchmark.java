package dev.heirloom.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What {@code heirloom inherit --steps 0} comes to on {@code fashion-resnet14}: factors, ladder and
 * recalibration on 512 samples, no training.
 *
 * <p>Figures: {@code points_lost_035} and {@code points_lost_02}, points of test accuracy that the
 * largest rung with at most (five hundredths more than) that share of the parameters lacks, {@code
 * kept_035}, {@code kept_02} the shares that these have, and {@code seconds}.
 */
final class TrainingFreeBenchmark implements Benchmark {
  @Override
  public String name() {
    return "training-free";
  }

  @Override
  public String description() {
    return "accuracy of rungs without any training (Fashion-MNIST)";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("points_lost_035", 0.3),
        Goal.atMost("points_lost_02", 2.5),
        Goal.atMost("seconds", 60));
  }

  @Override
  public Figures run(Run run) throws Exception {
    SharedTeacher teacher = SharedTeacher.FASHION;
    List<String> arguments =
        teacher.inherit(run, run.directory().resolve("family"), List.of("--steps", "0"));
    InheritRun done = InheritRun.of(run, name(), arguments);
    JsonNode third = done.rungAt(0.35);
    JsonNode fifth = done.rungAt(0.2);
    return Figures.none()
        .with("points_lost_035", done.pointsLost(third))
        .with("kept_035", done.kept(third))
        .with("points_lost_02", done.pointsLost(fifth))
        .with("kept_02", done.kept(fifth))
        .with("seconds", done.seconds());
  }
}
