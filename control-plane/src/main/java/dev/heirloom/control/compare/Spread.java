package dev.heirloom.control.compare;

import java.util.List;

/**
 * Values over seeds.
 *
 * @param deviation standard deviation of the sample; 0 for a single value
 */
public record Spread(double mean, double deviation) {

  /**
   * Summarises.
   *
   * @param values one or more
   */
  static Spread of(List<Double> values) {
    double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return new Spread(mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)));
  }
}
