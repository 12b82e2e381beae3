package dev.heirloom.actors.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.LimitKind;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.Origin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who is heard; latencies are in ns, and stand for the other limits. */
class ResolvedBudgetTest {
  private static final long SILENT = Limits.ABSENT;
  private static final DeviceProfile CAMERA =
      new DeviceProfile("pi", 4, 0, List.of(), Map.of("kind", "camera", "site", "eu"), "1", 1);

  static Stream<Arguments> latencies() {
    // operator, a rule of two labels, one of one label, one for all, the agent: in force, whose
    return Stream.of(
        row(SILENT, SILENT, SILENT, SILENT, 0, 0, "its own"),
        row(SILENT, SILENT, SILENT, SILENT, 9, 9, "its own"),
        row(SILENT, SILENT, SILENT, 8, 9, 8, "rule all"),
        row(SILENT, SILENT, 7, 8, 9, 7, "rule cameras"),
        row(SILENT, 6, 7, 8, 9, 6, "rule eu-cameras"),
        row(5, 6, 7, 8, 9, 5, "operator"),
        row(SILENT, SILENT, 0, 8, 9, 0, "rule cameras"),
        row(0, 6, 7, 8, 9, 0, "operator"),
        row(SILENT, SILENT, 70, 8, 9, 70, "rule cameras"));
  }

  private static Arguments row(
      long operator, long two, long one, long all, long agent, long inForce, String whose) {
    return Arguments.of(operator, two, one, all, agent, inForce, whose);
  }

  @ParameterizedTest(name = "operator {0}, rules {1} {2} {3}, agent {4}: {5} by {6}")
  @MethodSource("latencies")
  void hearsTheClosestAskerThatSaysSomething(
      long operator, long two, long one, long all, long agent, long inForce, String whose) {
    List<BudgetRule> rules =
        Stream.of(
                rule("all", Map.of(), all),
                rule("cameras", Map.of("kind", "camera"), one),
                rule("eu-cameras", Map.of("kind", "camera", "site", "eu"), two),
                rule("doors", Map.of("kind", "door"), 1))
            .flatMap(Optional::stream)
            .toList();

    ResolvedBudget resolved =
        ResolvedBudget.of(
            operator == SILENT ? Optional.empty() : Optional.of(latency(operator)),
            Origin.OPERATOR,
            new BudgetRules(1, rules).matching(CAMERA),
            new Budget(agent, 0, 0, 0));

    assertThat(resolved.budget()).isEqualTo(new Budget(inForce, 0, 0, 0));
    assertThat(resolved.origins().get(LimitKind.P95_LATENCY)).hasToString(whose);
    assertThat(resolved.origins()).containsOnlyKeys(LimitKind.values());
  }

  @Test
  void settlesEachLimitByItself() {
    BudgetRule memory = new BudgetRule("memory", Map.of(), new Limits(SILENT, 64, SILENT, SILENT));
    BudgetRule accurate =
        new BudgetRule("accurate", Map.of("site", "eu"), new Limits(SILENT, SILENT, SILENT, 0.9));

    ResolvedBudget resolved =
        ResolvedBudget.of(
            Optional.of(latency(8)),
            Origin.OPERATOR,
            new BudgetRules(1, List.of(memory, accurate)).matching(CAMERA),
            new Budget(9, 99, 999, 0.99));

    assertThat(resolved.budget()).isEqualTo(new Budget(8, 64, 999, 0.9));
    assertThat(resolved.origins())
        .isEqualTo(
            Map.of(
                LimitKind.P95_LATENCY,
                Origin.OPERATOR,
                LimitKind.MEMORY,
                new Origin.Rule("memory"),
                LimitKind.ACCURACY,
                new Origin.Rule("accurate"),
                LimitKind.SIZE,
                Origin.OWN));
  }

  @Test
  void hearsRulesOfAsManyLabelsByTheirNames() {
    BudgetRules rules =
        new BudgetRules(
            1,
            List.of(
                new BudgetRule("b", Map.of("site", "eu"), latency(1)),
                new BudgetRule("a", Map.of("kind", "camera"), latency(2)),
                new BudgetRule("c", Map.of("kind", "camera", "site", "eu"), latency(3))));

    assertThat(rules.matching(CAMERA)).extracting(BudgetRule::name).containsExactly("c", "a", "b");
    assertThat(rules.matching(Fixtures.PROFILE)).isEmpty();
  }

  private static Optional<BudgetRule> rule(
      String name, Map<String, String> selector, long p95LatencyNs) {
    return p95LatencyNs == SILENT
        ? Optional.empty()
        : Optional.of(new BudgetRule(name, selector, latency(p95LatencyNs)));
  }

  private static Limits latency(long ns) {
    return new Limits(ns, SILENT, SILENT, SILENT);
  }
}
