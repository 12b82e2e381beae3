package dev.heirloom.inheritance.quantization;

/**
 * How real numbers become bytes: {@code round(x / step) + zero}, 0..255.
 *
 * @param step real distance of two neighbours, above 0
 * @param zero what 0 becomes, 0..255
 */
record Scale(float step, int zero) {
  private static final int LEVELS = 255;

  /** The scale that covers a range and zero, which is then exact. */
  static Scale covering(double least, double most) {
    double low = Math.min(0, least);
    double high = Math.max(0, most);
    float step = (float) ((high - low) / LEVELS);
    if (!(step > 0) || !Float.isFinite(step)) {
      return new Scale(1, 0);
    }
    return new Scale(step, (int) Math.max(0, Math.min(LEVELS, Math.round(-low / step))));
  }
}
