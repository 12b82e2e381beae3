package dev.heirloom.control.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.LatencySummary;
import dev.heirloom.proto.v1.Window;
import org.junit.jupiter.api.Test;

class FleetStateTest {
  private static final DemoDevice DEVICE = DemoDevice.ROOMY;
  private static final long BUDGET_NS = 5_000_000;

  private final FleetState state = new FleetState();
  private long sequence;

  private void reports(int rung, int desiredRung, long p95Ns) {
    Window window =
        Window.newBuilder()
            .setSequence(++sequence)
            .setRung(rung)
            .setLabelled(10)
            .setCorrect(rung == 1 ? 5 : 9)
            .setRequest(LatencySummary.newBuilder().setCount(60).setP95Ns(p95Ns))
            .build();
    state.add(
        Device.newBuilder()
            .setName(DEVICE.name())
            .setOnline(true)
            .setReportedRung(rung)
            .setDesiredRung(desiredRung)
            .setBudget(Budget.newBuilder().setP95LatencyNs(BUDGET_NS))
            .setLastWindow(window)
            .build());
  }

  @Test
  void isSettledAfterASecondWindowWithinBudget() {
    reports(2, 2, 1_000_000);
    assertThat(state.settled(DEVICE)).isFalse();

    reports(2, 2, 1_000_000);
    assertThat(state.settled(DEVICE)).isTrue();
  }

  @Test
  void isNotSettledWhileAnotherRungIsDesired() {
    reports(2, 2, 1_000_000);
    reports(2, 3, 1_000_000);

    assertThat(state.settled(DEVICE)).isFalse();
  }

  @Test
  void isNotSettledOverBudget() {
    reports(2, 2, 1_000_000);
    reports(2, 2, BUDGET_NS + 1);

    assertThat(state.settled(DEVICE)).isFalse();
  }

  @Test
  void takesTheLatestWindowsAtARungWithoutTheFirst() {
    for (long p95Ns : new long[] {90, 10, 20, 30, 40}) {
      reports(1, 1, p95Ns);
    }
    reports(2, 2, 50);

    assertThat(state.p95Ns(DEVICE, 1)).containsExactly(20L, 30L, 40L);
    assertThat(state.p95Ns(DEVICE, 2)).isEmpty();
  }

  @Test
  void countsAnswersSinceTheRungIsServed() {
    reports(1, 1, 10);
    reports(2, 2, 10);
    reports(2, 2, 10);

    assertThat(state.accuracy(state.devices().get(0))).isEqualTo(0.9);
  }

  @Test
  void countsMovesAfterTheFirstAssignment() {
    state.add(
        Device.newBuilder()
            .setName(DEVICE.name())
            .addDecisions(Decision.newBuilder().setFromRung(0).setToRung(1))
            .addDecisions(Decision.newBuilder().setFromRung(1).setToRung(4))
            .addDecisions(Decision.newBuilder().setFromRung(4).setToRung(4))
            .addDecisions(Decision.newBuilder().setFromRung(4).setToRung(2))
            .build());

    assertThat(state.promotions()).isEqualTo(1);
    assertThat(state.demotions()).isEqualTo(1);
  }
}
