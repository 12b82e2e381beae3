package dev.heirloom.control.compare;

import dev.heirloom.runtime.measure.Latency;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** A made-up comparison of every method, of figures as they might be. */
final class SampleResult {
  private static final long TEACHER_NS = 800_000;

  private SampleResult() {}

  static ComparisonResult everyMethod() {
    List<Row> rows = new ArrayList<>();
    for (ComparedMethod method : ComparedMethod.values()) {
      if (method.hasSizes()) {
        for (double size : new double[] {0.5, 0.35, 0.2}) {
          rows.add(row(method, OptionalDouble.of(size)));
        }
      } else {
        rows.add(row(method, OptionalDouble.empty()));
      }
    }
    return new ComparisonResult(
        Map.of("steps", "300", "train", "a<b>&.npz"),
        new ComparisonResult.TeacherFigures(
            "teacher<1>.onnx", 0.923, 694_922, 80_500_000, 2_786_508, TEACHER_NS, 900_000),
        rows,
        List.of("svd is left out: only an example"));
  }

  private static Row row(ComparedMethod method, OptionalDouble size) {
    int place = List.of(ComparedMethod.values()).indexOf(method);
    List<Cell> cells = new ArrayList<>();
    List<Timing> timings = new ArrayList<>();
    for (long seed = 1; seed <= 3; seed++) {
      double kept = size.orElse(1) * (0.97 + 0.02 * place);
      double accuracy = 0.86 + 0.009 * Math.min(5, place) + 0.03 * kept + 0.002 * (seed - 2);
      long ns = Math.round(TEACHER_NS * (0.3 + 0.6 * kept + 0.02 * place));
      cells.add(
          new Cell(
              new Trial(method, size, seed),
              accuracy,
              0.97,
              Math.round(694_922 * kept),
              30_000_000,
              1_000_000,
              38_400,
              100));
      timings.add(new Timing(summary(ns + seed * 9_000), summary(TEACHER_NS)));
    }
    return new Row(method, size, cells, timings);
  }

  private static Latency.Summary summary(long ns) {
    return new Latency.Summary(ns, ns + 50_000, ns, 150);
  }
}
