package dev.heirloom.inheritance.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CadenceTest {
  private final AtomicLong nowNs = new AtomicLong(-7);

  private void pass(Duration time) {
    nowNs.addAndGet(time.toNanos());
  }

  private void keep(Cadence cadence, Duration cost) {
    cadence.begin();
    pass(cost);
    cadence.end();
  }

  @Test
  void isAsOftenAsAskedFor() {
    Cadence cadence = new Cadence(Duration.ofSeconds(2), nowNs::get);
    assertThat(cadence.due()).isFalse();
    pass(Duration.ofSeconds(2));
    assertThat(cadence.due()).isTrue();
    keep(cadence, Duration.ofMillis(100));
    assertThat(cadence.due()).isFalse();
    pass(Duration.ofSeconds(2));
    assertThat(cadence.due()).isTrue();
  }

  @Test
  void isLessOftenWhereKeepingTakesLong() {
    Cadence cadence = new Cadence(Duration.ofSeconds(2), nowNs::get);
    keep(cadence, Duration.ofSeconds(3));
    pass(Duration.ofSeconds(59));
    assertThat(cadence.due()).isFalse();
    pass(Duration.ofSeconds(1));
    assertThat(cadence.due()).isTrue();
  }

  @Test
  void isAlwaysWhereThatIsAskedFor() {
    Cadence cadence = new Cadence(Duration.ZERO, nowNs::get);
    keep(cadence, Duration.ofSeconds(3));
    assertThat(cadence.due()).isTrue();
  }
}
