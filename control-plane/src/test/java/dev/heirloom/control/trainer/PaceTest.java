package dev.heirloom.control.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final Pace pace = new Pace();

  private long left(long done, long total, long seconds) {
    return pace.leftMs(done, total, TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void saysNothingBeforeSomethingWasDone() {
    assertThat(left(0, 100, 5)).isZero();
    assertThat(left(0, 100, 9)).isZero();
  }

  @Test
  void isByWhatWasDoneSinceItWasFirstHeardOf() {
    // Gone on with from step 400, where nobody knows how long those took.
    assertThat(left(400, 1000, 5)).isZero();
    assertThat(left(410, 1000, 25)).isEqualTo(590 * 2000);
    assertThat(left(1000, 1000, 26)).isZero();
  }

  @Test
  void beginsAnewWithEachStage() {
    left(0, 10, 0);
    left(5, 10, 100);
    pace.restart();
    assertThat(left(0, 10, 100)).isZero();
    assertThat(left(5, 10, 105)).isEqualTo(5000);
  }
}
