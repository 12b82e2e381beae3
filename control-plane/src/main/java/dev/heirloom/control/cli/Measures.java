package dev.heirloom.control.cli;

import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.measure.Purpose;
import java.util.Locale;

/**
 * What accuracy and agreement are for a task: their names, and how their figures are written.
 *
 * @param labelled whether there were labels to be right about
 */
record Measures(Task task, boolean labelled) {

  static Measures of(Manifest manifest) {
    return new Measures(manifest.getTask(), !manifest.getUnlabelled());
  }

  /** Heading of the column that says how well labels or targets are met. */
  String accuracy() {
    return switch (task) {
      case TASK_REGRESSION, TASK_RECONSTRUCTION -> "R²";
      case TASK_EMBEDDING -> "cosine";
      default -> "accuracy";
    };
  }

  /** Heading of the column that says how near to the teacher an heir is. */
  String agreement() {
    return Purpose.of(task).namesClasses() ? "agreement" : accuracy() + " to teacher";
  }

  /** A share of answers in percent, any other measure as a number. */
  String text(double measure) {
    return Purpose.of(task).namesClasses()
        ? Figures.percent(measure)
        : String.format(Locale.ROOT, "%.4f", measure);
  }
}
