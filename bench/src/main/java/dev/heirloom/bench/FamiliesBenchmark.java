package dev.heirloom.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@code heirloom inherit} with default options comes to on every kind of teacher, in a
 * process of its own each.
 *
 * <p>Figures, per teacher: {@code _points_lost_050} and {@code _035}, points of test accuracy that
 * the largest rung with at most (five hundredths more than) that share of the parameters lacks;
 * {@code _kept_050}, {@code _kept_035} the shares that these rungs really have; {@code _agreement}
 * with the teacher at the smaller of the two; {@code _seconds}. Accuracy counts what the test set
 * says, which no choice has seen. A quick run takes ten steps.
 */
final class FamiliesBenchmark implements Benchmark {
  @Override
  public String name() {
    return "families";
  }

  @Override
  public String description() {
    return "accuracy of rungs made with default options, for images, sound, and text";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("fashion_resnet14_points_lost_050", 0),
        Goal.atMost("fashion_resnet14_points_lost_035", 0.3),
        Goal.atMost("fashion_resnet14_seconds", 600),
        Goal.atMost("digits_seen_and_heard_points_lost_050", 0.5),
        Goal.atMost("digits_seen_and_heard_points_lost_035", 1.5),
        Goal.atMost("digits_seen_and_heard_seconds", 600),
        Goal.atMost("sentences_gpt_points_lost_050", 1.2),
        Goal.atMost("sentences_gpt_points_lost_035", 3),
        Goal.atMost("sentences_gpt_seconds", 600));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Figures figures = Figures.none();
    for (SharedTeacher teacher :
        List.of(SharedTeacher.FASHION, SharedTeacher.DIGITS, SharedTeacher.SENTENCES)) {
      Path out = run.directory().resolve(teacher.name());
      List<String> more = run.quick() ? List.of("--steps", "10") : List.of();
      InheritRun done = InheritRun.of(run, teacher.name(), teacher.inherit(run, out, more));
      JsonNode half = done.rungAt(0.5);
      JsonNode third = done.rungAt(0.35);
      String name = teacher.figure();
      figures =
          figures
              .with(name + "_points_lost_050", done.pointsLost(half))
              .with(name + "_kept_050", done.kept(half))
              .with(name + "_points_lost_035", done.pointsLost(third))
              .with(name + "_kept_035", done.kept(third))
              .with(name + "_agreement", third.path("agreement").asDouble())
              .with(name + "_seconds", done.seconds());
    }
    return figures;
  }
}
