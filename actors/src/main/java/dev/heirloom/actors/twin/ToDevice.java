package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Digest;
import java.util.Optional;

/** What a twin tells the stream of its device. */
public sealed interface ToDevice {

  /**
   * The rung that the device shall serve; told again after a reconnect until it is served.
   *
   * @param decision number of the decision, which the device's outcome names
   * @param family name of the family
   * @param manifest version of the family
   * @param manifestBytes size of the manifest
   * @param rung from 1
   * @param reason one sentence with its numbers
   */
  record Assign(
      long decision, String family, Digest manifest, long manifestBytes, int rung, String reason)
      implements ToDevice {}

  /** The budget in force, told after each connect and each change. */
  record BudgetInForce(Budget budget) implements ToDevice {}

  /**
   * Up to which sequence windows were taken, told after each connect and each window.
   *
   * @param counted the window that this answers, if it was news
   */
  record WindowsTaken(long sequence, Optional<WindowReport> counted) implements ToDevice {}

  /**
   * A rung to be tried beside the one in service.
   *
   * @param trial number of the trial, which the device's report names
   * @param family name of the family
   * @param manifest version of the family
   * @param manifestBytes size of the manifest
   * @param rung from 1
   */
  record TryOut(
      long trial, String family, Digest manifest, long manifestBytes, int rung, TrialTerms terms)
      implements ToDevice {}

  /**
   * Another agent came under the device's name: this one shows that it is there, or the other takes
   * over.
   *
   * @param number the answer has it, too
   */
  record ShowSignOfLife(long number) implements ToDevice {}

  /** A newer stream of the same device took over; this one ends. */
  record Replaced() implements ToDevice {}

  /** An operator removed the device; its stream ends. */
  record Removed(String reason) implements ToDevice {}

  /**
   * The twin stops; the stream ends, so that the device connects to the twin's next incarnation.
   */
  record TwinStopped() implements ToDevice {}
}
