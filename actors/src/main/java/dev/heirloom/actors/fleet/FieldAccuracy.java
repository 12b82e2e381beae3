package dev.heirloom.actors.fleet;

/**
 * How accurate a device is in the field, by the labels that came since that last changed.
 *
 * @param rung rung that the labels are of, from 1
 * @param estimate share of labels met, 0..1; those of other rungs count for little, by the ladder's
 *     differences
 * @param lower lower end of the interval of 95 %
 * @param upper upper end of it
 * @param labels labels of this rung
 */
public record FieldAccuracy(int rung, double estimate, double lower, double upper, long labels) {

  public FieldAccuracy {
    Require.within("rung", rung, 1, Integer.MAX_VALUE);
    Require.share("estimate", estimate);
    Require.share("lower", lower);
    Require.share("upper", upper);
    Require.notNegative("labels", labels);
  }
}
