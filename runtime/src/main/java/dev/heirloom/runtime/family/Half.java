package dev.heirloom.runtime.family;

/**
 * IEEE 754 binary16: a sign, five bits of exponent, ten of fraction. From 2⁻¹⁴ to 65504 a value
 * keeps eleven significant bits; below, multiples of 2⁻²⁴.
 */
final class Half {

  /** The binary16 of infinity; everything above it is not a number. */
  private static final int INFINITY = 0x7C00;

  private static final int QUIET = 0x0200;

  /** Exponent bias of binary32 less that of binary16. */
  private static final int BIAS = 127 - 15;

  /** Fraction bits of binary32 less those of binary16. */
  private static final int DROPPED = 23 - 10;

  private static final float SMALLEST = 0x1p-24f;

  private Half() {}

  /** The value, which binary32 holds exactly. */
  static float toFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int magnitude = half & 0x7FFF;
    if (magnitude >= INFINITY) {
      return Float.intBitsToFloat(sign | 0x7F80_0000 | ((magnitude & 0x3FF) << DROPPED));
    }
    if (magnitude < 0x0400) {
      return (sign == 0 ? SMALLEST : -SMALLEST) * magnitude;
    }
    return Float.intBitsToFloat(sign | ((magnitude << DROPPED) + (BIAS << 23)));
  }

  /**
   * The nearest binary16; of two equally near ones the one with an even fraction. What is too large
   * becomes infinity.
   */
  static short ofFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7FFF_FFFF;
    if (magnitude > 0x7F80_0000) {
      return (short) (sign | INFINITY | QUIET);
    }
    int exponent = (magnitude >>> 23) - BIAS;
    if (exponent >= 31) {
      return (short) (sign | INFINITY);
    }
    if (exponent > 0) {
      // A fraction that is rounded up to the next power of two carries into the exponent.
      return (short) (sign | rounded(magnitude - (BIAS << 23), DROPPED));
    }
    int dropped = DROPPED + 1 - exponent;
    int significand = (magnitude & 0x7F_FFFF) | 0x80_0000;
    return (short) (dropped > 24 ? sign : sign | rounded(significand, dropped));
  }

  /** {@code bits} without its last {@code dropped} ones, rounded to nearest, ties to even. */
  private static int rounded(int bits, int dropped) {
    int kept = bits >>> dropped;
    int rest = bits & ((1 << dropped) - 1);
    int half = 1 << (dropped - 1);
    return rest > half || (rest == half && (kept & 1) == 1) ? kept + 1 : kept;
  }

  /** Whether it is neither infinite nor a NaN. */
  static boolean isFinite(short half) {
    return (half & 0x7FFF) < INFINITY;
  }
}
