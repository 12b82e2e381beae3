package dev.heirloom.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private long nowNs;
  private final Buckets buckets = new Buckets(2, 3, 2, () -> nowNs);

  private void pass(long ms) {
    nowNs += TimeUnit.MILLISECONDS.toNanos(ms);
  }

  @Test
  void givesWhatItHoldsAndThenAsMuchAsItFills() {
    for (int i = 0; i < 3; i++) {
      assertThat(buckets.take("a")).isTrue();
    }
    assertThat(buckets.take("a")).isFalse();
    pass(400);
    assertThat(buckets.take("a")).isFalse();
    pass(100);
    assertThat(buckets.take("a")).isTrue();
    assertThat(buckets.take("a")).isFalse();
    pass(60_000);
    for (int i = 0; i < 3; i++) {
      assertThat(buckets.take("a")).isTrue();
    }
    assertThat(buckets.take("a")).isFalse();
  }

  @Test
  void oneKeyTakesNothingFromAnother() {
    for (int i = 0; i < 3; i++) {
      buckets.take("a");
    }
    assertThat(buckets.take("a")).isFalse();
    assertThat(buckets.take("b")).isTrue();
  }

  @Test
  void saysOnceThatItIsEmpty() {
    for (int i = 0; i < 3; i++) {
      assertThat(buckets.ask("a")).isEqualTo(Buckets.Answer.TAKEN);
    }
    assertThat(buckets.ask("a")).isEqualTo(Buckets.Answer.JUST_EMPTY);
    assertThat(buckets.ask("a")).isEqualTo(Buckets.Answer.EMPTY);
    pass(500);
    assertThat(buckets.ask("a")).isEqualTo(Buckets.Answer.TAKEN);
    assertThat(buckets.ask("a")).isEqualTo(Buckets.Answer.JUST_EMPTY);
  }

  @Test
  void forgetsTheKeyThatWasAskedForLongestAgo() {
    for (int i = 0; i < 3; i++) {
      buckets.take("a");
    }
    buckets.take("b");
    buckets.take("c");
    assertThat(buckets.take("a")).as("a new bucket").isTrue();
  }
}
