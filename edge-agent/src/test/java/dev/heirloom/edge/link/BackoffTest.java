package dev.heirloom.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration CAP = Duration.ofSeconds(10);

  @Test
  void doublesUpToTheCap() {
    Backoff backoff = new Backoff(FIRST, CAP, () -> 0.5);
    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(500));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(1));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(2));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(4));
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(8));
    assertThat(backoff.next()).isEqualTo(CAP);
    assertThat(backoff.next()).isEqualTo(CAP);
    backoff.reset();
    assertThat(backoff.next()).isEqualTo(FIRST);
  }

  @Test
  void spreadsByAFifthInBothDirections() {
    Random random = new Random(1);
    Duration least = CAP;
    Duration most = Duration.ZERO;
    for (int i = 0; i < 1_000; i++) {
      Duration wait = new Backoff(FIRST, CAP, random::nextDouble).next();
      least = wait.compareTo(least) < 0 ? wait : least;
      most = wait.compareTo(most) > 0 ? wait : most;
    }
    assertThat(least).isBetween(Duration.ofMillis(400), Duration.ofMillis(402));
    assertThat(most).isBetween(Duration.ofMillis(598), Duration.ofMillis(600));
  }
}
