package dev.heirloom.inheritance.factor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FactorizationTest {

  private static final int OUTPUTS = 24;
  private static final int INPUTS = 60;
  private static final int ROWS = 4000;

  private final SplittableRandom random = new SplittableRandom(7);
  private final float[] weight = gaussian(OUTPUTS * INPUTS);
  private final float[] rows = correlatedRows();

  private float[] gaussian(int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Inputs with a mean, of which a few directions carry most of the energy. */
  private float[] correlatedRows() {
    float[] basis = gaussian(6 * INPUTS);
    float[] result = new float[ROWS * INPUTS];
    for (int row = 0; row < ROWS; row++) {
      float[] z = gaussian(6);
      for (int i = 0; i < INPUTS; i++) {
        double x = 0.5 + 0.1 * random.nextGaussian();
        for (int k = 0; k < 6; k++) {
          x += z[k] * basis[k * INPUTS + i];
        }
        result[row * INPUTS + i] = (float) x;
      }
    }
    return result;
  }

  private InputMetric metric() {
    InputMetric metric = new InputMetric(INPUTS);
    metric.add(rows, ROWS);
    return metric;
  }

  private float[] product(Factorization factors, int rank) {
    float[] up = factors.up(rank);
    float[] down = factors.down(rank);
    float[] result = new float[OUTPUTS * INPUTS];
    for (int o = 0; o < OUTPUTS; o++) {
      for (int i = 0; i < INPUTS; i++) {
        double sum = 0;
        for (int k = 0; k < rank; k++) {
          sum += (double) up[o * rank + k] * down[k * INPUTS + i];
        }
        result[o * INPUTS + i] = (float) sum;
      }
    }
    return result;
  }

  /** Mean squared output error over the rows, with the mean error taken out as a bias would. */
  private double outputError(float[] approximation) {
    double total = 0;
    for (int o = 0; o < OUTPUTS; o++) {
      double sum = 0;
      double squares = 0;
      for (int row = 0; row < ROWS; row++) {
        double error = 0;
        for (int i = 0; i < INPUTS; i++) {
          error +=
              (double) (weight[o * INPUTS + i] - approximation[o * INPUTS + i])
                  * rows[row * INPUTS + i];
        }
        sum += error;
        squares += error * error;
      }
      total += squares / ROWS - (sum / ROWS) * (sum / ROWS);
    }
    return total;
  }

  @Test
  void fullRankReproducesTheWeight() {
    for (Optional<InputMetric> metric :
        List.of(Optional.<InputMetric>empty(), Optional.of(metric()))) {
      Factorization factors = Factorization.of(weight, OUTPUTS, INPUTS, metric);
      float[] whole = product(factors, factors.fullRank());
      for (int i = 0; i < whole.length; i++) {
        assertThat(whole[i]).isCloseTo(weight[i], within(1e-3f));
      }
    }
  }

  @Test
  void dataWeightingLosesFarLessOutputThanPlainTruncation() {
    Factorization plain = Factorization.of(weight, OUTPUTS, INPUTS, Optional.empty());
    Factorization weighted = Factorization.of(weight, OUTPUTS, INPUTS, Optional.of(metric()));
    assertThat(outputError(product(weighted, 6))).isLessThan(0.05 * outputError(product(plain, 6)));
  }

  @Test
  void lostEnergyIsTheShareOfOutputErrorThatIsMeasured() {
    Factorization weighted = Factorization.of(weight, OUTPUTS, INPUTS, Optional.of(metric()));
    double all = outputError(new float[OUTPUTS * INPUTS]);
    for (int rank : new int[] {2, 4}) {
      double measured = outputError(product(weighted, rank)) / all;
      assertThat(weighted.lostEnergy(rank)).isCloseTo(measured, within(0.02));
    }
    assertThat(weighted.lostEnergy(0)).isEqualTo(1);
    assertThat(weighted.lostEnergy(weighted.fullRank())).isZero();
  }

  @Test
  void aPrefixOfTheFactorsIsTheSmallerHeir() {
    Factorization factors = Factorization.of(weight, OUTPUTS, INPUTS, Optional.of(metric()));
    assertThat(factors.down(8)).startsWith(factors.down(3));
    float[] wide = factors.up(8);
    float[] narrow = factors.up(3);
    for (int o = 0; o < OUTPUTS; o++) {
      for (int k = 0; k < 3; k++) {
        assertThat(narrow[o * 3 + k]).isEqualTo(wide[o * 8 + k]);
      }
    }
  }

  /** A weight with more outputs than inputs, and one whose metric is a diagonal. */
  @ParameterizedTest
  @CsvSource({"60, 24", "60, 60", "8, 2400"})
  void everyShapeIsGivenBackAtFullRankUnderAMetric(int outputs, int inputs) {
    float[] matrix = gaussian(outputs * inputs);
    try (InputMetric metric = new InputMetric(inputs)) {
      float[] seen = gaussian(100 * inputs);
      for (int i = 0; i < seen.length; i++) {
        seen[i] *= 1 + i % inputs % 7;
      }
      metric.add(seen, 100);
      Factorization factors = Factorization.of(matrix, outputs, inputs, Optional.of(metric));
      float[] up = factors.up(factors.fullRank());
      float[] down = factors.down(factors.fullRank());
      for (int o = 0; o < outputs; o += 1 + outputs / 40) {
        for (int i = 0; i < inputs; i += 1 + inputs / 40) {
          double sum = 0;
          for (int k = 0; k < factors.fullRank(); k++) {
            sum += (double) up[o * factors.fullRank() + k] * down[k * inputs + i];
          }
          assertThat(sum).isCloseTo(matrix[o * inputs + i], within(1e-3));
        }
      }
    }
  }

  /** Gradients that lie in a few directions of the outputs, as one sum of outer products. */
  private static OutputMetric felt(float[] directions, int number) {
    int outputs = directions.length / number;
    OutputMetric metric = new OutputMetric(outputs);
    float[] products = new float[outputs * outputs];
    for (int k = 0; k < number; k++) {
      for (int i = 0; i < outputs; i++) {
        for (int j = 0; j < outputs; j++) {
          products[i * outputs + j] += directions[k * outputs + i] * directions[k * outputs + j];
        }
      }
    }
    metric.add(products, number);
    return metric;
  }

  /** Mean squared error along some directions of the outputs. */
  private double errorAlong(float[] directions, int number, float[] approximation) {
    double total = 0;
    for (int k = 0; k < number; k++) {
      for (int i = 0; i < INPUTS; i++) {
        double error = 0;
        for (int o = 0; o < OUTPUTS; o++) {
          double missing = weight[o * INPUTS + i] - approximation[o * INPUTS + i];
          error += directions[k * OUTPUTS + o] * missing;
        }
        total += error * error;
      }
    }
    return total;
  }

  @Test
  void outputsThatMatterKeepMoreOfTheirAccuracy() {
    float[] directions = gaussian(4 * OUTPUTS);
    Optional<OutputMetric> felt = Optional.of(felt(directions, 4));
    Factorization plain = Factorization.of(weight, OUTPUTS, INPUTS, Optional.empty());
    Factorization weighted = Factorization.of(weight, OUTPUTS, INPUTS, Optional.empty(), felt);
    double error = errorAlong(directions, 4, product(weighted, 6));
    assertThat(error).isLessThan(0.2 * errorAlong(directions, 4, product(plain, 6)));
  }

  @Test
  void fullRankReproducesTheWeightUnderBothMetrics() {
    Optional<OutputMetric> felt = Optional.of(felt(gaussian(2 * OUTPUTS), 2));
    Factorization factors = Factorization.of(weight, OUTPUTS, INPUTS, Optional.of(metric()), felt);
    float[] whole = product(factors, factors.fullRank());
    for (int i = 0; i < whole.length; i++) {
      assertThat(whole[i]).isCloseTo(weight[i], within(1e-3f));
    }
  }

  @Test
  void gradientsThatAreAllZeroChangeNothing() {
    OutputMetric nothing = new OutputMetric(OUTPUTS);
    nothing.add(new float[OUTPUTS * OUTPUTS], 10);
    Factorization factors =
        Factorization.of(weight, OUTPUTS, INPUTS, Optional.empty(), Optional.of(nothing));
    Factorization plain = Factorization.of(weight, OUTPUTS, INPUTS, Optional.empty());
    assertThat(factors.up(5)).isEqualTo(plain.up(5));
  }

  /** Without a metric the lost energy of a rank is the squared distance of its product. */
  @ParameterizedTest
  @CsvSource({"24, 60", "60, 24"})
  void plainTruncationIsAsFarFromTheWeightAsItSays(int outputs, int inputs) {
    Factorization factors = Factorization.of(weight, outputs, inputs, Optional.empty());
    float[] up = factors.up(9);
    float[] down = factors.down(9);
    double apart = 0;
    double all = 0;
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        double value = weight[o * inputs + i];
        double sum = 0;
        for (int k = 0; k < 9; k++) {
          sum += (double) up[o * 9 + k] * down[k * inputs + i];
        }
        apart += (value - sum) * (value - sum);
        all += value * value;
      }
    }
    assertThat(factors.lostEnergy(9)).isCloseTo(apart / all, within(1e-6)).isGreaterThan(0.1);
  }

  @Test
  void inputsThatNeverVaryAreStillFactored() {
    InputMetric metric = new InputMetric(INPUTS);
    metric.add(new float[10 * INPUTS], 10);
    Factorization factors = Factorization.of(weight, OUTPUTS, INPUTS, Optional.of(metric));
    for (float value : product(factors, factors.fullRank())) {
      assertThat(value).isFinite();
    }
  }

  @Test
  void headsDifferButTheirMeanIsTheirOrigin() {
    float[] up = gaussian(200);
    List<float[]> heads = HeadPerturbation.spread(up, 3, 11);
    assertThat(heads.get(0)).isNotEqualTo(heads.get(1));
    for (int i = 0; i < up.length; i++) {
      assertThat((heads.get(0)[i] + heads.get(1)[i] + heads.get(2)[i]) / 3)
          .isCloseTo(up[i], within(1e-5f));
    }
    assertThat(HeadPerturbation.spread(up, 1, 11).get(0)).isEqualTo(up);
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void whatIsHeldUpToARankIsWhatTheWholeHas(boolean tall, boolean both) {
    int outputs = tall ? INPUTS : OUTPUTS;
    int inputs = tall ? OUTPUTS : INPUTS;
    Optional<OutputMetric> felt =
        both ? Optional.of(felt(gaussian(3 * outputs), 3)) : Optional.empty();
    Factorization whole = Factorization.of(weight, outputs, inputs, Optional.empty(), felt);
    Factorization part = Factorization.upTo(2, weight, outputs, inputs, Optional.empty(), felt);
    assertThat(part.largestRank()).isEqualTo(2);
    assertThat(part.up(2)).containsExactly(whole.up(2), within(1e-5f));
    assertThat(part.down(1)).containsExactly(whole.down(1), within(1e-5f));
    assertThat(part.lostEnergy(1)).isEqualTo(whole.lostEnergy(1));
    assertThatThrownBy(() -> part.up(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rank: 3 (expected: 0..2)");
  }
}
