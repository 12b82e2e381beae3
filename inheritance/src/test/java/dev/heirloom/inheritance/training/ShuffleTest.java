package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShuffleTest {

  @Test
  void seesEverySampleOnceBeforeAnyTwice() {
    Shuffle shuffle = new Shuffle(12, new SplittableRandom(1));
    int[] seen =
        IntStream.range(0, 3).boxed().flatMapToInt(i -> IntStream.of(shuffle.next(4))).toArray();
    assertThat(seen)
        .containsExactlyInAnyOrder(IntStream.range(0, 12).toArray())
        .isNotEqualTo(IntStream.range(0, 12).toArray());
  }

  @Test
  void aBatchIsNoLargerThanTheSet() {
    assertThat(new Shuffle(3, new SplittableRandom(1)).next(8)).hasSize(3);
  }
}
