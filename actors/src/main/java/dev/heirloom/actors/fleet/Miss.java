package dev.heirloom.actors.fleet;

/**
 * A limit that the best rung does not keep.
 *
 * @param kind which one
 * @param limit what was asked for, in the unit of {@code kind}
 * @param reached what the rung has, in the same unit: more than the limit, or less accuracy
 */
public record Miss(LimitKind kind, double limit, double reached) {

  public Miss {
    Require.finite("limit", limit);
    Require.finite("reached", reached);
  }

  /** By how much it is missed, in the unit of the kind; above 0. */
  public double by() {
    return Math.abs(reached - limit);
  }
}
