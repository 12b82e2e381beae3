package dev.heirloom.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.LatencySummary;
import dev.heirloom.proto.v1.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Budgets are 10 ns here; a window is its rung, its p95 in ns, and the rung desired then. */
class RecoveryTest {
  private static WindowLog.Seen seen(int rung, long p95Ns, int desired) {
    return new WindowLog.Seen(
        Window.newBuilder()
            .setRung(rung)
            .setRequest(LatencySummary.newBuilder().setCount(50).setP95Ns(p95Ns))
            .build(),
        Device.newBuilder()
            .setDesiredRung(desired)
            .setBudget(Budget.newBuilder().setP95LatencyNs(10))
            .build());
  }

  @Test
  void countsFromTheFirstWindowOverToTheFirstWithinAtTheDesiredRung() {
    assertThat(Recovery.of(List.of(seen(4, 9, 4), seen(4, 20, 2), seen(4, 9, 2), seen(2, 10, 2))))
        .isEqualTo(new Recovery(1, 2, 2));
  }

  @Test
  void tellsTheLongestOfSeveral() {
    assertThat(
            Recovery.of(
                List.of(
                    seen(4, 11, 3),
                    seen(3, 9, 3),
                    seen(3, 15, 1),
                    seen(3, 12, 1),
                    seen(1, 12, 1),
                    seen(1, 5, 1))))
        .isEqualTo(new Recovery(2, 3, 1.5));
  }

  @Test
  void countsWhatDoesNotEndAsOneMoreThanWasSeen() {
    assertThat(Recovery.of(List.of(seen(4, 11, 1), seen(1, 11, 1))))
        .isEqualTo(new Recovery(1, 2, 1.1));
    assertThat(Recovery.of(List.of(seen(4, 10, 4)))).isEqualTo(new Recovery(0, 0, 1));
  }
}
