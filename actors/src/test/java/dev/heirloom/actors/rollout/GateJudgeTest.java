package dev.heirloom.actors.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.rollout.GateFinding.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By the ladder, rung 3 takes three times as long as rung 1. */
class GateJudgeTest {
  private static final PublishedFamily OLD = Fixtures.family("digits", "1", 3);
  private static final PublishedFamily NEW = Fixtures.family("digits", "2", 3);
  private static final Gates P95 = new Gates(0.9, Gates.ABSENT, 1.25, Gates.ABSENT, 10, 400);

  /** Devices that served one rung before and serve another one now. */
  private static Verdict p95(int rungBefore, double msBefore, int rungAfter, double msAfter) {
    List<DeviceEvidence> evidence = new ArrayList<>();
    for (int device = 0; device < 10; device++) {
      DeviceEvidence one = DeviceEvidence.none("d" + device);
      for (int i = 1; i <= 10; i++) {
        double noise = 0.99 + 0.002 * i;
        one = one.with(Fixtures.window(i, OLD, rungBefore, msBefore * noise), false);
        one = one.with(Fixtures.window(i, NEW, rungAfter, msAfter * noise), true);
      }
      evidence.add(one);
    }
    return new GateJudge(P95, NEW.ladder()).compared(evidence).get(0).verdict();
  }

  @Test
  void comparesTheSameRung() {
    assertThat(p95(3, 5, 3, 5.2)).isEqualTo(Verdict.PASSED);
    assertThat(p95(3, 5, 3, 6.5)).isEqualTo(Verdict.FAILED);
  }

  @Test
  void leavesInDoubtWhereRequestsGrowByLessThanTheLadder() {
    assertThat(p95(3, 5, 1, 3)).isEqualTo(Verdict.IN_DOUBT);
    assertThat(p95(1, 3, 3, 5)).isEqualTo(Verdict.IN_DOUBT);
  }

  @Test
  void failsWhatIsFarSlowerOnAnotherRung() {
    assertThat(p95(3, 5, 1, 6)).isEqualTo(Verdict.FAILED);
    assertThat(p95(1, 3, 3, 12)).isEqualTo(Verdict.FAILED);
  }
}
