package dev.heirloom.actors.rollout;

/**
 * Values of one kind.
 *
 * @param count how many; 0 says nothing
 * @param mean of them
 * @param variance of one of them
 */
record Sample(double count, double mean, double variance) {

  static Sample of(int count, double sum, double squares) {
    if (count == 0) {
      return new Sample(0, 0, 0);
    }
    double mean = sum / count;
    double spread = Math.max(0, squares - count * mean * mean);
    return new Sample(count, mean, count > 1 ? spread / (count - 1) : 0);
  }

  Sample shifted(double by) {
    return new Sample(count, mean + by, variance);
  }
}
