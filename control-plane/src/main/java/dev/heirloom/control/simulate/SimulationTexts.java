package dev.heirloom.control.simulate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.actors.simulation.Score;
import dev.heirloom.actors.simulation.Timeline;
import dev.heirloom.actors.simulation.Tournament;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.Table;
import java.util.List;
import java.util.Locale;

/** A simulation as a table, as JSON and as comma-separated values. */
final class SimulationTexts {
  /** What the columns hold. */
  static final List<String> HEADINGS =
      List.of(
          "policy",
          "gap closed",
          "accuracy",
          "regret",
          "over budget",
          "truly over",
          "changes/50",
          "recovery",
          "mean");

  private SimulationTexts() {}

  static Table table(SimulationResult result) {
    Table table = new Table(HEADINGS.toArray(String[]::new));
    lines(result).forEach(line -> table.row(line.toArray(String[]::new)));
    return table;
  }

  /** What was counted apart, in one line; the same for every strategy of a fleet. */
  static String apart(SimulationResult result) {
    Score score = result.results().get(0).score();
    return "counted apart: "
        + Figures.percent(score.infeasibleRatio())
        + " of windows in which no rung is within the budget, "
        + Figures.percent(score.unavoidableRatio())
        + " that even the fastest rung would have measured over it";
  }

  /** A text for each heading, a line for each strategy. */
  static List<List<String>> lines(SimulationResult result) {
    return result.results().stream().map(SimulationTexts::line).toList();
  }

  private static List<String> line(Tournament.Result result) {
    Score score = result.score();
    return List.of(
        result.strategy().name(),
        Double.isNaN(score.gapClosed()) ? "" : decimals("%.3f", score.gapClosed()),
        Figures.percent(score.accuracy()),
        decimals("%.2f", 100 * score.regret()),
        Figures.percent(score.overBudgetRatio()),
        Figures.percent(score.trulyOverRatio()),
        decimals("%.2f", score.changesPer50()),
        decimals("%.0f", score.recoveryP95()),
        decimals("%.1f", score.recoveryMean()));
  }

  static ObjectNode json(SimulationResult result) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("devices", result.scenario().devices())
        .put("classes", result.scenario().classes())
        .put("unseen", result.scenario().unseen())
        .put("hours", result.scenario().span().toMillis() / 3.6e6)
        .put("window_seconds", result.scenario().window().toMillis() / 1e3)
        .put("budget_ms", Figures.ms(result.scenario().budgetNs()))
        .put("ladder", result.ladder());
    result.seeds().forEach(node.putArray("seeds")::add);
    ObjectNode conditions = node.putObject("conditions");
    result.scenario().conditions().values().forEach(conditions::put);
    ObjectNode policies = node.putObject("policies");
    for (Tournament.Result one : result.results()) {
      score(policies.putObject(one.strategy().name()), one.score());
    }
    return node;
  }

  private static void score(ObjectNode node, Score score) {
    if (!Double.isNaN(score.gapClosed())) {
      node.put("gap_closed", Figures.rounded(score.gapClosed()));
    }
    node.put("accuracy", Figures.rounded(score.accuracy()))
        .put("oracle_accuracy", Figures.rounded(score.bestAccuracy()))
        .put("over_budget_ratio", Figures.rounded(score.overBudgetRatio()))
        .put("truly_over_ratio", Figures.rounded(score.trulyOverRatio()))
        .put("changes_per_50", Figures.rounded(score.changesPer50()))
        .put("recoveries", score.recoveries())
        .put("recovery_windows", score.recoveryP95())
        .put("recovery_windows_mean", Figures.rounded(score.recoveryMean()))
        .put("unavoidable_ratio", Figures.rounded(score.unavoidableRatio()))
        .put("infeasible_ratio", Figures.rounded(score.infeasibleRatio()))
        .put("windows", score.windows());
  }

  /** A line for each strategy and seed. */
  static String scoresCsv(SimulationResult result) {
    StringBuilder csv =
        new StringBuilder(
            "policy,seed,gap_closed,accuracy,oracle_accuracy,over_budget_ratio,truly_over_ratio,"
                + "changes_per_50,recoveries,recovery_windows,recovery_windows_mean,"
                + "unavoidable_ratio,infeasible_ratio,windows\n");
    for (Tournament.Result one : result.results()) {
      for (int i = 0; i < one.bySeed().size(); i++) {
        Score s = one.bySeed().get(i);
        csv.append(
            String.format(
                Locale.ROOT,
                "%s,%d,%s,%.6f,%.6f,%.6f,%.6f,%.6f,%d,%.0f,%.4f,%.6f,%.6f,%d%n",
                one.strategy().name(),
                result.seeds().get(i),
                Double.isNaN(s.gapClosed()) ? "" : decimals("%.6f", s.gapClosed()),
                s.accuracy(),
                s.bestAccuracy(),
                s.overBudgetRatio(),
                s.trulyOverRatio(),
                s.changesPer50(),
                s.recoveries(),
                s.recoveryP95(),
                s.recoveryMean(),
                s.unavoidableRatio(),
                s.infeasibleRatio(),
                s.windows()));
      }
    }
    return csv.toString();
  }

  /** A line for each strategy and span of time. */
  static String timelineCsv(SimulationResult result) {
    StringBuilder csv =
        new StringBuilder("policy,hour,mean_rung,oracle_rung,regret,over_budget_ratio\n");
    for (Tournament.Result one : result.results()) {
      Timeline timeline = one.total().timeline();
      for (int span = 0; span < timeline.size(); span++) {
        csv.append(
            String.format(
                Locale.ROOT,
                "%s,%.4f,%.4f,%.4f,%.6f,%.6f%n",
                one.strategy().name(),
                hour(result, timeline.begins(span)),
                timeline.meanRung(span),
                timeline.bestRung(span),
                timeline.regret(span),
                timeline.overBudget(span)));
      }
    }
    return csv.toString();
  }

  /** The hour of a share of the whole time. */
  static double hour(SimulationResult result, double share) {
    return share * result.scenario().span().toMillis() / 3.6e6;
  }

  private static String decimals(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
