package dev.heirloom.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.demo.ChildProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One run of {@code heirloom inherit} in a process of its own.
 *
 * @param report the JSON object of its last line
 * @param peakBytes the largest resident memory that it had
 */
record InheritRun(JsonNode report, long peakBytes) {
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);

  static InheritRun of(Run run, String name, List<String> arguments) throws Exception {
    run.say().accept("heirloom " + String.join(" ", arguments));
    Path log = run.directory().resolve(name + ".log");
    long peak = 0;
    try (ChildProcess child = ChildProcess.start(name, run.launcher(), arguments, log)) {
      while (!child.endsWithin(LOOK_EVERY)) {
        run.check();
        peak = Math.max(peak, ResidentPeak.bytes(child.pid()));
      }
      List<String> lines = child.lastLines();
      if (child.exitCode() != 0) {
        throw new CommandException(
            "inherit ended with code " + child.exitCode(), lines.toArray(String[]::new));
      }
      return new InheritRun(new ObjectMapper().readTree(lines.get(lines.size() - 1)), peak);
    }
  }

  double seconds() {
    return report.path("seconds").asDouble();
  }

  /**
   * The largest rung with at most a share of the teacher's parameters, or a twentieth more; the
   * smallest where all are larger.
   */
  JsonNode rungAt(double share) {
    double most = 1.05 * share * report.path("teacher").path("parameters").asDouble();
    JsonNode found = report.path("rungs").path(0);
    for (JsonNode rung : report.path("rungs")) {
      if (rung.path("parameters").asDouble() <= most) {
        found = rung;
      }
    }
    return found;
  }

  /** Share of the teacher's parameters that a rung has. */
  double kept(JsonNode rung) {
    return rung.path("parameters").asDouble()
        / report.path("teacher").path("parameters").asDouble();
  }

  /** Points of accuracy that a rung lacks. */
  double pointsLost(JsonNode rung) {
    return 100
        * (report.path("teacher").path("accuracy").asDouble() - rung.path("accuracy").asDouble());
  }
}
