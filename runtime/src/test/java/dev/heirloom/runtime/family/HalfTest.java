package dev.heirloom.runtime.family;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {

  /** What IEEE 754 says of a binary16 pattern, by its fields. */
  private static double defined(int bits) {
    int exponent = bits >> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    double magnitude =
        switch (exponent) {
          case 0 -> Math.scalb((double) fraction, -24);
          case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
          default -> Math.scalb(1024.0 + fraction, exponent - 25);
        };
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  @Test
  void everyPatternIsTheValueThatTheStandardDefines() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Half.toFloat((short) bits);
      assertThat(Double.compare(value, defined(bits))).as("%04x is %s", bits, value).isZero();
      assertThat(Half.isFinite((short) bits)).isEqualTo(Double.isFinite(defined(bits)));
    }
  }

  @Test
  void everyPatternComesBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      short back = Half.ofFloat(Half.toFloat((short) bits));
      if (Double.isNaN(defined(bits))) {
        assertThat(Half.toFloat(back)).as("%04x", bits).isNaN();
      } else {
        assertThat(back).as("%04x", bits).isEqualTo((short) bits);
      }
    }
  }

  /** Between each two neighbours: below the middle, the middle itself, above it; both signs. */
  @Test
  void roundsToTheNearestAndTiesToEven() {
    for (int low = 0; low < 0x7C00; low++) {
      int high = low + 1;
      // The one above the largest value would be 2¹⁶, were there an exponent for it.
      double above = high == 0x7C00 ? 0x1p16 : defined(high);
      float middle = (float) ((defined(low) + above) / 2);
      int even = (low & 1) == 0 ? low : high;
      rounds(Math.nextDown(middle), low);
      rounds(middle, even);
      rounds(Math.nextUp(middle), high);
    }
    rounds(Float.MAX_VALUE, 0x7C00);
    rounds(Float.POSITIVE_INFINITY, 0x7C00);
    rounds(Float.MIN_VALUE, 0);
    rounds(0, 0);
  }

  private static void rounds(float value, int expected) {
    assertThat(Half.ofFloat(value)).as("%s", value).isEqualTo((short) expected);
    assertThat(Half.ofFloat(-value)).as("-%s", value).isEqualTo((short) (expected | 0x8000));
  }
}
