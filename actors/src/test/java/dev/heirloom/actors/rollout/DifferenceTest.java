package dev.heirloom.actors.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.actors.rollout.Difference.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DifferenceTest {

  @Test
  void saysNothingOfNothing() {
    Difference none = Difference.of(List.of(new Pair(new Sample(0, 0, 0), new Sample(5, 1, 1))));

    assertThat(none.pairs()).isZero();
    assertThat(none.enough(1)).isFalse();
    assertThat(none.upper()).isInfinite();
  }

  @Test
  void comparesEachDeviceWithItself() {
    List<Pair> pairs = new ArrayList<>();
    for (double level : List.of(0.2, 0.5, 0.8)) {
      pairs.add(new Pair(new Sample(100, level, 0.0001), new Sample(100, level - 0.1, 0.0001)));
    }

    Difference d = Difference.of(pairs);

    assertThat(d.estimate()).isEqualTo(-0.1, within(1e-12));
    assertThat(d.upper()).isLessThan(-0.09);
  }

  @Test
  void holdsTheTruthNearlyAlwaysAlsoWhereDevicesDiffer() {
    Random random = new Random(5);
    int held = 0;
    for (int round = 0; round < 400; round++) {
      List<Pair> pairs = new ArrayList<>();
      for (int device = 0; device < 12; device++) {
        double own = 0.03 * random.nextGaussian();
        pairs.add(new Pair(drawn(random, 0.8, 200), drawn(random, 0.8 - 0.05 + own, 200)));
      }
      Difference d = Difference.of(pairs);
      held += d.lower() <= -0.05 && d.upper() >= -0.05 ? 1 : 0;
    }

    assertThat(held).as("of 400, seed 5").isGreaterThan(380);
  }

  @Test
  void doesNotAverageOutWhatIsUnsureOfEveryPair() {
    List<Pair> pairs = new ArrayList<>();
    for (int device = 0; device < 100; device++) {
      pairs.add(new Pair(new Sample(1000, 0.5, 0.01), new Sample(1000, 0.4, 0.01), 0.2));
    }

    Difference d = Difference.of(pairs);

    assertThat(d.estimate()).isEqualTo(-0.1, within(1e-12));
    assertThat(d.upper()).isBetween(0.1, 0.12);
    assertThat(d.lower()).isBetween(-0.32, -0.3);
  }

  private static Sample drawn(Random random, double share, int count) {
    int correct = 0;
    for (int i = 0; i < count; i++) {
      correct += random.nextDouble() < share ? 1 : 0;
    }
    double found = (double) correct / count;
    return new Sample(count, found, found * (1 - found));
  }
}
