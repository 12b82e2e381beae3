package dev.heirloom.actors.rollout;

/**
 * How many devices a group takes.
 *
 * @param amount devices, or percent of those selected at the start; above 0
 * @param percent whether it is percent
 */
public record GroupSize(double amount, boolean percent) {
  public GroupSize {
    boolean whole = amount == Math.rint(amount);
    if (!(amount > 0) || (percent ? amount > 100 : !whole || amount > 1_000_000)) {
      throw new IllegalArgumentException(
          "groups: " + amount + (percent ? " %" : "") + " (expected: 1..1000000, or 0..100 %)");
    }
  }

  /** Devices out of {@code all}; one at least. */
  int of(int all) {
    return percent ? Math.max(1, (int) Math.floor(all * amount / 100)) : (int) amount;
  }
}
