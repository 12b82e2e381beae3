package dev.heirloom.actors.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class SimulationTest {

  private static final List<Strategy> ALL = Strategies.all(Scenario.LADDER.size());

  private static Scenario fleet(int devices, int hours) {
    Scenario usual = Scenario.usual(devices);
    return new Scenario(
        usual.ladder(),
        devices,
        4,
        1,
        3,
        Duration.ofHours(1),
        Duration.ofHours(hours),
        usual.window(),
        0,
        usual.conditions());
  }

  private static List<Moment> moments(Scenario scenario, long seed, Strategy strategy) {
    List<Moment> moments = new ArrayList<>();
    new Simulation(scenario, seed, strategy).run(moments::add, () -> false);
    return moments;
  }

  private static Strategy named(String name) {
    return Strategies.named(name, Scenario.LADDER.size()).orElseThrow();
  }

  @Test
  void happensTheSameWayAgainWithTheSameSeed() {
    Scenario scenario = fleet(40, 6);
    for (Strategy strategy : ALL) {
      assertThat(moments(scenario, 5, strategy))
          .as(strategy.name())
          .isEqualTo(moments(scenario, 5, strategy));
    }
  }

  @Test
  void happensInAnotherWayWithAnotherSeed() {
    Scenario scenario = fleet(10, 2);

    assertThat(moments(scenario, 5, named("heirloom")))
        .isNotEqualTo(moments(scenario, 6, named("heirloom")));
  }

  @Test
  void putsEveryStrategyBeforeTheSameFleet() {
    Scenario scenario = fleet(20, 6);
    List<List<Object>> fixed = world(moments(scenario, 7, named("rung-1")));

    for (Strategy strategy : ALL) {
      assertThat(world(moments(scenario, 7, strategy))).as(strategy.name()).isEqualTo(fixed);
    }
  }

  private static List<List<Object>> world(List<Moment> moments) {
    return moments.stream()
        .map(
            m ->
                List.<Object>of(
                    m.device(), m.window(), m.best(), m.budgetNs(), m.requests(), m.sinceStep()))
        .toList();
  }

  @Test
  void comesToTheSameOnAnyNumberOfThreads() throws InterruptedException {
    Scenario scenario = fleet(30, 4);
    Tournament tournament = new Tournament(scenario, List.of(1L, 2L), ALL);
    List<Score> one = scores(tournament.run(1, done -> {}, () -> false));

    assertThat(scores(tournament.run(3, done -> {}, () -> false))).isEqualTo(one);
    assertThat(one).hasSize(ALL.size()).doesNotHaveDuplicates();
  }

  private static List<Score> scores(List<Tournament.Result> results) {
    return results.stream().map(Tournament.Result::score).toList();
  }

  @Test
  void keepsEveryRungBelowTheOraclesWhereTheBudgetIsMet() {
    for (long seed = 0; seed < 3; seed++) {
      Scenario scenario = fleet(40, 12);
      for (Strategy strategy : ALL) {
        for (Moment moment : moments(scenario, seed, strategy)) {
          boolean whole = moment.began() == moment.ended();
          if (whole && moment.best() > 0 && moment.trueNs() <= moment.budgetNs()) {
            assertThat(moment.accuracy())
                .as("seed %d, %s, %s", seed, strategy.name(), moment)
                .isLessThanOrEqualTo(moment.bestAccuracy());
          }
        }
      }
    }
  }

  @Test
  void neverPutsTheOracleTrulyOverAMeetableBudget() throws InterruptedException {
    Tournament.Result oracle =
        new Tournament(fleet(60, 12), List.of(3L), List.of(named("oracle")))
            .run(1, done -> {}, () -> false)
            .get(0);

    assertThat(oracle.score().trulyOverRatio()).isZero();
    assertThat(oracle.score().gapClosed()).isEqualTo(1);
    assertThat(oracle.score().regret()).isZero();
  }

  @Test
  void closesNoneOfTheGapOnRungOne() throws InterruptedException {
    Tournament.Result smallest =
        new Tournament(fleet(60, 12), List.of(3L), List.of(named("rung-1")))
            .run(1, done -> {}, () -> false)
            .get(0);

    assertThat(smallest.score().gapClosed()).isZero();
    assertThat(smallest.score().changesPer50()).isZero();
  }

  @Test
  void startsMoreDevicesRightWhereAgentsRunMicroProbes() {
    assertThat(rightAtFirst(1)).isGreaterThan(rightAtFirst(0) + 0.03);
  }

  private static double rightAtFirst(double knownShare) {
    Scenario usual = Scenario.usual(120);
    Scenario scenario =
        new Scenario(
            usual.ladder(),
            120,
            4,
            0,
            8,
            usual.history(),
            Duration.ofHours(7),
            usual.window(),
            0,
            usual.conditions().with("probes.knownShare", knownShare));
    Arrivals arrivals = new Arrivals(scenario);
    new Simulation(scenario, 5, named("heirloom")).run(arrivals, () -> false);
    List<Arrivals.Arrival> all = arrivals.arrivals();
    long right = all.stream().filter(each -> Math.abs(each.first() - each.best()) <= 1).count();
    return (double) right / all.size();
  }

  @Test
  void changesTheRungWithinTheWindowAfterTheDecision() {
    List<Moment> moments = moments(fleet(20, 4), 11, named("aimd"));
    int[] desired = new int[20];
    int mixed = 0;
    for (Moment moment : moments) {
      int before = desired[moment.device()];
      if (before > 0 && moment.linked()) {
        assertThat(moment.ended()).isEqualTo(before);
      }
      mixed += moment.began() == moment.ended() ? 0 : 1;
      desired[moment.device()] = moment.desired();
    }
    assertThat(mixed).isPositive();
  }

  @Test
  void decidesNothingWhileTheLinkIsLost() {
    Conditions often = Conditions.usual().with("churn.lossesPerDay", 30);
    Scenario scenario = withConditions(fleet(20, 6), often);
    List<Moment> lost =
        moments(scenario, 2, named("heirloom")).stream().filter(m -> !m.linked()).toList();

    assertThat(lost).hasSizeGreaterThan(100).noneMatch(Moment::changed);
  }

  @Test
  void leavesRestartingDevicesOutAndStartsLateOnesLate() {
    Conditions restless =
        Conditions.usual()
            .with("churn.restartsPerDay", 20)
            .with("churn.restartMinutes", 10)
            .with("churn.lateShare", 1);
    Scenario scenario = withConditions(fleet(50, 4), restless);
    List<Moment> moments = moments(scenario, 2, named("rung-1"));

    assertThat(moments.size()).isLessThan(50 * scenario.windows() * 3 / 4);
    assertThat(moments.stream().filter(m -> m.age() == 0)).hasSizeGreaterThan(45);
    assertThat(moments.stream().filter(m -> m.age() == 0 && m.window() == 0)).hasSizeLessThan(5);
  }

  private static Scenario withConditions(Scenario base, Conditions conditions) {
    return new Scenario(
        base.ladder(),
        base.devices(),
        base.classes(),
        base.unseen(),
        base.pioneers(),
        base.history(),
        base.span(),
        base.window(),
        base.budgetNs(),
        conditions);
  }

  @Test
  void endsWhenItIsCancelled() {
    Simulation simulation = new Simulation(fleet(10, 2), 1, named("heirloom"));

    assertThatThrownBy(() -> simulation.run(moment -> {}, () -> true))
        .isInstanceOf(CancellationException.class);
    Tournament tournament = new Tournament(fleet(10, 2), List.of(1L), ALL);
    assertThatThrownBy(() -> tournament.run(2, done -> {}, () -> true))
        .isInstanceOf(InterruptedException.class);
  }

  @Test
  void startsADeviceOfASeenClassWhereItsClassStandsAndOneOfAnUnseenClassOnRungOne() {
    Scenario scenario = fleet(40, 1);
    List<Moment> firsts =
        moments(scenario, 4, named("heirloom")).stream()
            .filter(m -> m.age() == 0 && m.window() == 0)
            .toList();
    List<Moment> unseen = firsts.stream().filter(m -> m.device() % 4 == 3).toList();
    List<Moment> seen = firsts.stream().filter(m -> m.device() % 4 != 3).toList();

    assertThat(unseen).isNotEmpty().allMatch(m -> m.began() == 1);
    assertThat(seen.stream().mapToInt(Moment::began).average().orElseThrow()).isGreaterThan(2);
  }

  @Test
  void refusesAScenarioThatCannotBe() {
    Scenario usual = Scenario.usual(10);

    assertThatThrownBy(() -> Scenario.usual(0)).hasMessage("devices: 0 (expected: 1..1000000)");
    assertThatThrownBy(
            () ->
                new Scenario(
                    usual.ladder(),
                    10,
                    2,
                    3,
                    0,
                    Duration.ZERO,
                    usual.span(),
                    usual.window(),
                    0,
                    usual.conditions()))
        .hasMessage("unseen: 3 (expected: 0..2)");
  }
}
