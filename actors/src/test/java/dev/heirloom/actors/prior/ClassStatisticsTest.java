package dev.heirloom.actors.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClassStatisticsTest {
  private static final ClassKey PI = new ClassKey("pi", 2, false);
  private static final ClassKey HUB = new ClassKey("hub", 2, false);

  private final ClassStatistics statistics = new ClassStatistics();

  @Test
  void spreadsAClassAsItsDevicesAreSpread() {
    Random random = new Random(1);
    for (int i = 0; i < 64; i++) {
      statistics.observe(PI, "f", "narrow-" + i, 1 + 0.03 * random.nextGaussian());
      statistics.observe(HUB, "f", "wide-" + i, 1 + 0.3 * random.nextGaussian());
    }

    assertThat(statistics.prior(PI, "f").spread()).isBetween(0.02, 0.06);
    assertThat(statistics.prior(HUB, "f").spread()).isBetween(0.2, 0.45);
  }

  @Test
  void takesTheUsualSpreadForOneDevice() {
    statistics.observe(PI, "f", "a", 1);

    assertThat(statistics.prior(PI, "f")).isEqualTo(new ClassPrior(1, 1));
  }

  @Test
  void expectsOfAFamilyWhatAnotherTaughtOfTheClass() {
    statistics.observe(PI, "f", "a", 1);
    statistics.observe(PI, "f", "b", 1.2);

    ClassPrior next = statistics.prior(PI, "g");

    assertThat(next.logRatio()).isCloseTo(1.1, within(1e-9));
    assertThat(next.spread()).isGreaterThan(ClassPrior.USUAL_SPREAD);
  }

  @Test
  void addsWhatFamiliesDifferByWhereAnotherClassHasServedBoth() {
    statistics.observe(PI, "f", "a", 1);
    statistics.observe(HUB, "f", "c", 2);
    statistics.observe(HUB, "g", "c", 2.5);

    ClassPrior next = statistics.prior(PI, "g");

    assertThat(next.logRatio()).isCloseTo(1.5, within(1e-9));
    assertThat(next.spread()).isLessThan(0.25);
  }

  @Test
  void trustsItsOwnDevicesMoreTheMoreThereAre() {
    statistics.observe(PI, "f", "a", 1);
    statistics.observe(HUB, "f", "c", 2);
    statistics.observe(HUB, "g", "c", 2.5);
    statistics.observe(PI, "g", "p1", 1.8);
    double one = statistics.prior(PI, "g").logRatio();
    for (int i = 2; i <= 7; i++) {
      statistics.observe(PI, "g", "p" + i, 1.8);
    }
    double seven = statistics.prior(PI, "g").logRatio();
    statistics.observe(PI, "g", "p8", 1.8);

    assertThat(one).isBetween(1.5, 1.8);
    assertThat(seven).isBetween(one, 1.8);
    assertThat(statistics.prior(PI, "g").logRatio()).isEqualTo(1.8);
  }

  @Test
  void knowsNothingOfAClassThatServedNothing() {
    statistics.observe(HUB, "f", "c", 2);

    assertThat(statistics.prior(PI, "f")).isEqualTo(ClassPrior.NONE);
  }
}
