package dev.heirloom.runtime.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LikenessTest {

  @Test
  void whatIsMissedIsAShareOfTheSpreadAboutEachColumnsMean() {
    float[] expected = {1, 100, 3, 300};
    float[] actual = {1, 100, 2, 310};
    // Means 2 and 200; errors 1 and 10.
    assertThat(Likeness.unexplained(expected, actual, 2))
        .isCloseTo((1 + 100) / (2 + 20_000.0), within(1e-12));
    assertThat(Likeness.unexplained(expected, expected, 2)).isZero();
  }

  @Test
  void whatNeverVariesIsMetOrNot() {
    assertThat(Likeness.unexplained(new float[] {5, 5}, new float[] {5, 5}, 1)).isZero();
    assertThat(Likeness.unexplained(new float[] {5, 5}, new float[] {5, 6}, 1)).isInfinite();
  }

  @Test
  void directionsAreComparedRowByRow() {
    float[] expected = {1, 0, 3, 4};
    float[] actual = {0, 2, 4, 3};
    assertThat(Likeness.cosine(expected, actual, 2)).isCloseTo(0.48, within(1e-12));
    assertThat(Likeness.cosine(expected, new float[] {-1, 0, -6, -8}, 2))
        .isCloseTo(-1, within(1e-12));
    assertThat(Likeness.cosine(new float[] {0, 0}, new float[] {0, 0}, 2)).isEqualTo(1);
    assertThat(Likeness.cosine(new float[] {0, 0}, new float[] {0, 1}, 2)).isZero();
  }

  @Test
  void aMeasureThatIsNoNumberCountsAsNone() {
    assertThat(Likeness.share(Double.NaN)).isZero();
    assertThat(Likeness.share(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(Likeness.share(1.0000001)).isEqualTo(1);
  }

  @Test
  void vectorsLieAlongTheLastAxisUnlessAnOutputIsAMap() {
    assertThat(Likeness.vector(new long[] {8, 32})).isEqualTo(32);
    assertThat(Likeness.vector(new long[] {8, 5, 32})).isEqualTo(32);
    assertThat(Likeness.vector(new long[] {8, 3, 4, 5})).isEqualTo(60);
    assertThat(Likeness.vector(new long[] {8})).isEqualTo(1);
  }

  @Test
  void refusesLayoutsThatDiffer() {
    assertThatThrownBy(() -> Likeness.unexplained(new float[4], new float[2], 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("4 and 2 in rows of 2");
    assertThatThrownBy(() -> Likeness.cosine(new float[3], new float[3], 2))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
