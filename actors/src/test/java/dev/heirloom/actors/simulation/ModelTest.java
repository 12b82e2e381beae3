package dev.heirloom.actors.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is drawn has the moments that the conditions name. */
class ModelTest {

  private static final int MANY = 20_000;
  private static final Conditions USUAL = Conditions.usual();

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double deviation(double[] values) {
    double mean = mean(values);
    return Math.sqrt(
        Arrays.stream(values)
            .map(value -> (value - mean) * (value - mean))
            .average()
            .orElseThrow());
  }

  private static double[] errors(Conditions.Measuring measuring, int requests) {
    Measurement measurement = new Measurement(measuring);
    Draws draws = Draws.of(1, 9, requests);
    return IntStream.range(0, MANY)
        .mapToDouble(i -> measurement.logError(draws, requests))
        .toArray();
  }

  @Test
  void measuresWithTheSamplingErrorOfItsRequests() {
    for (int requests : new int[] {60, 200, 1000, 20_000}) {
      double[] errors = errors(new Conditions.Measuring(6, 0, 0, 1, 1), requests);
      double expected = Math.sqrt(0.95 / (0.05 * requests)) / 6;

      assertThat(deviation(errors)).isCloseTo(expected, within(0.2 * expected));
      assertThat(mean(errors)).isCloseTo(0, within(0.4 * expected));
    }
  }

  @Test
  void namesTheErrorThat99Of100WindowsStayUnder() {
    for (int requests : new int[] {100, 300, 2000}) {
      Conditions.Measuring measuring = new Conditions.Measuring(6, 0.04, 0, 1, 1);
      double upper = new Measurement(measuring).upperLog(requests);
      long above = Arrays.stream(errors(measuring, requests)).filter(e -> e > upper).count();

      assertThat((double) above / MANY).as("requests: %d", requests).isBetween(0.005, 0.017);
    }
  }

  @Test
  void samplesAsOrderStatisticsOfAParetoTailDo() {
    int requests = 100;
    Draws draws = Draws.of(2, 9, 0);
    double[] exact = new double[MANY];
    for (int i = 0; i < MANY; i++) {
      double[] beyond =
          IntStream.range(0, requests).mapToDouble(k -> draws.uniform()).sorted().toArray();
      exact[i] = Math.log(0.05 / beyond[requests - 95]) / 6;
    }
    double[] drawn = errors(new Conditions.Measuring(6, 0, 0, 1, 1), requests);

    assertThat(mean(drawn)).isCloseTo(mean(exact), within(0.003));
    assertThat(deviation(drawn)).isCloseTo(deviation(exact), within(0.03 * deviation(exact)));
    Arrays.sort(exact);
    Arrays.sort(drawn);
    assertThat(drawn[MANY * 99 / 100]).isCloseTo(exact[MANY * 99 / 100], within(0.01));
  }

  @Test
  void addsTheNoiseOfWindowsAndOutliers() {
    double[] noisy = errors(new Conditions.Measuring(1e9, 0.04, 0, 1, 1), 100);
    double[] disturbed = errors(new Conditions.Measuring(1e9, 0, 0.01, 1.3, 3), 100);
    double[] hit = Arrays.stream(disturbed).filter(error -> error > 0.1).toArray();

    assertThat(deviation(noisy)).isCloseTo(0.04, within(0.001));
    assertThat((double) hit.length / MANY).isCloseTo(0.01, within(0.003));
    assertThat(mean(hit)).isCloseTo((Math.log(1.3) + Math.log(3)) / 2, within(0.06));
  }

  @Test
  void mixesTwoRungsAsTheirRequestsDo() {
    Draws draws = Draws.of(3, 9, 0);
    double[] latencies = new double[200_000];
    for (int i = 0; i < latencies.length; i++) {
      double p95 = draws.chance(0.3) ? 2.0 : 3.0;
      latencies[i] = p95 * Math.pow(0.05 / (1 - draws.uniform()), 1.0 / 6);
    }
    Arrays.sort(latencies);
    double measured = latencies[(int) (0.95 * latencies.length)];
    Measurement measurement = new Measurement(USUAL.measuring());

    assertThat(measurement.mixed(0.3, 2, 3)).isCloseTo(measured, within(0.02));
    assertThat(measurement.mixed(0, 2, 3)).isCloseTo(3, within(1e-9));
    assertThat(measurement.mixed(1, 2, 3)).isCloseTo(2, within(1e-9));
    assertThat(measurement.mixed(0.5, 2, 2)).isEqualTo(2);
  }

  @Test
  void drawsPoissonNumbersOfRequests() {
    Draws draws = Draws.of(4, 9, 0);
    for (double expected : new double[] {0.5, 8, 300}) {
      double[] counts =
          IntStream.range(0, MANY).mapToDouble(i -> draws.poisson(expected)).toArray();

      assertThat(mean(counts)).isCloseTo(expected, within(0.03 * expected));
      assertThat(deviation(counts)).isCloseTo(Math.sqrt(expected), within(0.03 * expected));
    }
  }

  @Test
  void bringsLoadStepsAsOftenAndAsLongAsItSays() {
    LoadStep step = new LoadStep(new Conditions.Steps(3, 1.15, 2, 45, 5), 1);
    Draws draws = Draws.of(5, 9, 0);
    int days = 2000;
    int arrivals = 0;
    int loaded = 0;
    double logs = 0;
    for (int i = 0; i < days * 1440; i++) {
      step.next(draws);
      arrivals += step.began() ? 1 : 0;
      loaded += step.log() > 0 ? 1 : 0;
      logs += step.began() ? step.log() : 0;
    }

    double freeDays = days - loaded / 1440.0;
    assertThat(arrivals / freeDays).isCloseTo(3, within(0.15));
    assertThat((double) loaded / arrivals).isCloseTo(50, within(2.5));
    assertThat(logs / arrivals).isCloseTo((Math.log(1.15) + Math.log(2)) / 2, within(0.01));
  }

  @Test
  void tellsHowLongAgoAStepCameOrWent() {
    LoadStep step = new LoadStep(new Conditions.Steps(1e6, 2, 2.1, 1e-9, 3), 1);
    Draws draws = Draws.of(6, 9, 0);
    int[] since = new int[5];
    for (int i = 0; i < since.length; i++) {
      step.next(draws);
      since[i] = step.since();
    }

    assertThat(since).containsExactly(0, 1, 2, 0, 0);
  }

  @Test
  void throttlesUnderSustainedLoadAndEndsWhenItHasCooled() {
    Throttle throttle = new Throttle(USUAL.heat(), Math.log(1.5), 1);
    for (int i = 0; i < 5; i++) {
      throttle.next(0.5);
    }
    assertThat(throttle.log()).isZero();
    for (int i = 0; i < 60; i++) {
      throttle.next(0.5);
    }
    assertThat(throttle.log()).isCloseTo(Math.log(1.5), within(0.01));
    assertThat(throttle.celsius()).isGreaterThan(90);
    for (int i = 0; i < 60; i++) {
      throttle.next(0);
    }
    assertThat(throttle.log()).isCloseTo(0, within(0.01));
  }

  @Test
  void neverThrottlesAClassThatDoesNot() {
    Throttle throttle = new Throttle(USUAL.heat(), 0, 1);
    for (int i = 0; i < 100; i++) {
      throttle.next(1);
    }

    assertThat(throttle.log()).isZero();
    assertThat(throttle.celsius()).isNaN();
  }

  @Test
  void isAwayAsOftenAsItSays() {
    Presence presence = new Presence(new Conditions.Churn(0.5, 3, 1, 20, 0), 1);
    Draws draws = Draws.of(7, 9, 0);
    int days = 3000;
    int down = 0;
    int unheard = 0;
    for (int i = 0; i < days * 1440; i++) {
      presence.next(draws);
      down += presence.serving() ? 0 : 1;
      unheard += presence.serving() && !presence.linked() ? 1 : 0;
    }

    // A mean of 3 minutes comes to 3.14 windows, as none is shorter than one.
    assertThat((double) down / days).isCloseTo(0.5 * 3.14, within(0.15));
    assertThat((double) unheard / days).isCloseTo(20, within(1.5));
  }

  @Test
  void drawsClassesLogUniformlyAndDevicesAroundThem() {
    Scenario scenario = Scenario.usual(1);
    double ladder = Math.log(scenario.ladder().rung(1).latencyP50Ns());
    double[] classes =
        IntStream.range(0, 4000)
            .mapToDouble(i -> ClassTruth.draw(scenario, 1, i).logCosts[0] - ladder)
            .toArray();
    double range = Math.log(16) - Math.log(0.8);

    assertThat(mean(classes)).isCloseTo((Math.log(16) + Math.log(0.8)) / 2, within(0.05));
    assertThat(deviation(classes)).isCloseTo(range / Math.sqrt(12), within(0.03));

    ClassTruth one = ClassTruth.draw(scenario, 1, 0);
    double[] around =
        IntStream.range(0, 4000)
            .mapToObj(i -> DeviceTraits.draw(scenario, 1, i, one, false))
            .mapToDouble(traits -> Math.log(traits.costsNs[3]) - one.logCosts[3])
            .toArray();
    double[] usual = Arrays.stream(around).filter(log -> Math.abs(log) < 0.6).toArray();

    assertThat(1 - usual.length / 4000.0).isCloseTo(0.02, within(0.007));
    assertThat(deviation(usual)).isCloseTo(Math.hypot(0.12, 0.03), within(0.005));
  }

  @Test
  void spreadsWhatSuitsDevicesOverTheLadder() {
    Scenario usual = Scenario.usual(1);
    Scenario scenario =
        new Scenario(
            usual.ladder(),
            1,
            8,
            2,
            8,
            usual.history(),
            usual.span(),
            usual.window(),
            0,
            USUAL.with("speeds.classShape", 0));
    ClassTruth one = ClassTruth.draw(scenario, 1, 0);
    int[] byRung = new int[scenario.ladder().size() + 1];
    for (int i = 0; i < 8000; i++) {
      DeviceTraits traits = DeviceTraits.draw(scenario, 2, i, one, false);
      int best = 0;
      for (int k = 1; k < byRung.length; k++) {
        best = traits.costsNs[k - 1] <= traits.budgetNs ? k : best;
      }
      byRung[best]++;
    }

    assertThat(byRung[0]).isBetween(100, 500);
    assertThat(Arrays.stream(byRung).skip(1)).allMatch(count -> count > 300 && count < 2000);
  }

  @Test
  void givesEveryDeviceTheBudgetThatWasAskedFor() {
    Scenario usual = Scenario.usual(1);
    Scenario fixed =
        new Scenario(
            usual.ladder(),
            1,
            8,
            2,
            8,
            usual.history(),
            usual.span(),
            usual.window(),
            7_000_000,
            usual.conditions());
    ClassTruth one = ClassTruth.draw(fixed, 1, 0);

    assertThat(DeviceTraits.draw(fixed, 1, 3, one, false).budgetNs).isEqualTo(7_000_000);
  }

  @Test
  void keepsStreamsApart() {
    double[] first =
        IntStream.range(0, MANY).mapToDouble(i -> Draws.of(1, 1, i).uniform()).toArray();
    double[] second =
        IntStream.range(0, MANY).mapToDouble(i -> Draws.of(1, 2, i).uniform()).toArray();
    double product = 0;
    for (int i = 0; i < MANY; i++) {
      product += (first[i] - 0.5) * (second[i] - 0.5) * 12 / MANY;
    }

    assertThat(mean(first)).isCloseTo(0.5, within(0.01));
    assertThat(deviation(first)).isCloseTo(1 / Math.sqrt(12), within(0.01));
    assertThat(product).isCloseTo(0, within(0.03));
  }
}
