package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Fixtures;
import org.junit.jupiter.api.Test;

class LiveAccuracyTest {

  private final LiveAccuracy accuracy = new LiveAccuracy();

  @Test
  void waitsTwiceAsLongEachTimeThatARungTakenForAccuracyHadToBeLeft() {
    window(4);
    for (int wait : new int[] {50, 100, 200, 400, 800, 1600, 1600}) {
      assertThat(accuracy.mayRaise()).isTrue();
      accuracy.raised(5);
      window(5);
      assertThat(accuracy.mayRaise()).as("it serves").isTrue();
      for (int i = 0; i < wait; i++) {
        window(4);
        assertThat(accuracy.mayRaise()).as("window %d of %d", i, wait).isFalse();
      }
      window(4);
    }
  }

  @Test
  void doesNotMindARungThatLatencyLeavesLargerThanTheOneThatAccuracyTook() {
    window(3);
    accuracy.raised(4);
    window(4);
    window(6);
    window(4);

    assertThat(accuracy.mayRaise()).isTrue();
  }

  @Test
  void forgetsWithTheVersion() {
    window(4);
    accuracy.raised(5);
    window(5);
    window(4);
    assertThat(accuracy.mayRaise()).isFalse();

    accuracy.learn(
        new Assignment(9, "digits", TwinFixture.SECOND.manifest().hex(), 1000, 4, ""),
        TwinFixture.SECOND.ladder(),
        Fixtures.window(9, TwinFixture.SECOND, 4, 2));
    assertThat(accuracy.mayRaise()).isTrue();
  }

  private void window(int rung) {
    accuracy.learn(
        new Assignment(1, "digits", TwinFixture.FIRST.manifest().hex(), 1000, rung, ""),
        TwinFixture.FIRST.ladder(),
        Fixtures.window(2, TwinFixture.FIRST, rung, 2));
  }
}
