package dev.heirloom.actors.fleet;

import java.time.Instant;
import java.util.Optional;

/**
 * One decision about a device's rung.
 *
 * @param number counts up per device; 1 is the first
 * @param at when it was decided, by the control plane's clock
 * @param family name of the family
 * @param fromRung rung before; 0 for the first assignment of a family version
 * @param toRung rung after; equal to {@code fromRung} where the budget cannot be met, nothing is
 *     sent and no outcome follows
 * @param reason one sentence with its numbers
 * @param outcome empty until the device answered
 */
public record Decision(
    long number,
    Instant at,
    String family,
    int fromRung,
    int toRung,
    String reason,
    Optional<Outcome> outcome) {

  public Decision {
    Require.within("number", number, 1, Long.MAX_VALUE);
    Require.notNegative("fromRung", fromRung);
    Require.within("toRung", toRung, 1, Integer.MAX_VALUE);
  }
}
