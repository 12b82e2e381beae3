package dev.heirloom.actors.adaptation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.LimitKind;
import dev.heirloom.actors.fleet.Miss;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.ProbeTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is expected of a device that nobody has measured: ladders of four rungs of k ms each. */
class ExpectedLatencyTest {
  private static final ProbeTimes MAKER = new ProbeTimes(1, List.of(1_000L, 50_000L));
  private static final double MS = 1e6;

  @Test
  void isUnknownWhereNeitherClassNorProbesSayAnything() {
    Recommendation found = recommend(Fixtures.ladder(4), probed(ProbeTimes.NONE), ClassPrior.NONE);
    assertThat(found.latency()).isEqualTo(ExpectedLatency.UNKNOWN);
    assertThat(found.feasible()).as("nothing says that it is too slow").isTrue();
  }

  @Test
  void isSurerTheMoreAlikeTheDevicesOfAClassAre() {
    ExpectedLatency alike = ofClass(0.05);
    ExpectedLatency unlike = ofClass(0.4);
    assertThat(alike.p95Ns()).isEqualTo(unlike.p95Ns());
    assertThat(alike.basis()).isEqualTo(ExpectedLatency.Basis.DEVICE_CLASS);
    assertThat(alike.devices()).isEqualTo(7);
    assertThat(alike.lowerNs()).isGreaterThan(unlike.lowerNs()).isLessThan(alike.p95Ns());
    assertThat(alike.upperNs()).isLessThan(unlike.upperNs()).isGreaterThan(alike.p95Ns());
    // Spread of the class, noise of a window and what a rung has beyond its device: 4 % each.
    double deviation = Math.sqrt(0.4 * 0.4 + 2 * 0.04 * 0.04);
    assertThat((double) unlike.upperNs() / unlike.p95Ns())
        .isCloseTo(Math.exp(1.96 * deviation), within(0.001));
  }

  private static ExpectedLatency ofClass(double spread) {
    ClassPrior prior = new ClassPrior(Math.log(2), spread, 7);
    return recommend(Fixtures.ladder(4), probed(ProbeTimes.NONE), prior).latency();
  }

  @Test
  void followsTheMicroProbesWhereTheClassIsNotKnown() {
    DeviceProfile twice = probed(new ProbeTimes(1, List.of(2_000L, 100_000L)));
    Recommendation found = recommend(timed(), twice, ClassPrior.NONE);
    assertThat(found.latency().basis()).isEqualTo(ExpectedLatency.Basis.MICRO_PROBES);
    assertThat((double) found.expectedP95Ns())
        .isCloseTo(RungLatencies.LOW_LOAD_P95 * 2 * found.rung() * MS, within(MS / 100));
    assertThat(found.latency().lowerNs()).isBetween(1L, found.expectedP95Ns() - 1);
    assertThat(found.latency().upperNs()).isGreaterThan(found.expectedP95Ns());
  }

  @Test
  void saysByHowMuchABudgetIsMissedThatProbesRuleOut() {
    DeviceProfile slow = probed(new ProbeTimes(1, List.of(50_000L, 2_500_000L)));
    Recommendation found =
        new HeadroomPolicy()
            .recommend(timed(), slow, new Budget(10_000_000, 0, 0, 0), ClassPrior.NONE);
    assertThat(found.misses()).extracting(Miss::kind).containsExactly(LimitKind.P95_LATENCY);
    assertThat(found.misses().get(0).reached()).isEqualTo((double) found.expectedP95Ns());
  }

  private static Recommendation recommend(Ladder ladder, DeviceProfile device, ClassPrior prior) {
    return new HeadroomPolicy()
        .recommend(ladder, device, new Budget(1_000_000_000, 0, 0, 0), prior);
  }

  private static Ladder timed() {
    List<LadderTiming.OfRung> rungs = new ArrayList<>();
    for (int k = 1; k <= 4; k++) {
      rungs.add(new LadderTiming.OfRung(1_000_000L * k, List.of(0.1, 0.9)));
    }
    return new Ladder(Fixtures.ladder(4).rungs(), List.of(new LadderTiming(1, MAKER, rungs)));
  }

  private static DeviceProfile probed(ProbeTimes probes) {
    return new DeviceProfile("pi", 4, 0, List.of(), Map.of(), "1.0", 1, probes);
  }
}
