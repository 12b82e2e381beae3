package dev.heirloom.actors.adaptation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.Ladder;

/**
 * The choice of a device's rung: pure functions, without clock, randomness or state of their own.
 *
 * <p>Where limits conflict, memory and size are met first, then latency, then accuracy.
 */
public interface RankPolicy {

  /**
   * Chooses a rung without a window of it: for a first assignment, a new family version, or a
   * released pin.
   *
   * @return no choice only if every rung is blocked
   */
  Verdict first(Terms terms, PolicyState state);

  /**
   * Reconsiders the desired rung because the budget or the profile changed; decides at once where
   * an estimate is known, else waits for windows.
   */
  Verdict termsChanged(Terms terms, PolicyState state);

  /**
   * Learns from a window of the desired rung and decides. The caller has checked that the window is
   * of the desired family version and was not seen before.
   */
  Verdict decide(Terms terms, PolicyState state, WindowReport window);

  /** Learns from a window without deciding, as for a pinned device. */
  PolicyState learn(Terms terms, PolicyState state, WindowReport window);

  /** The rung for a device that is not known; agrees with {@link #first}. */
  Recommendation recommend(Ladder ladder, DeviceProfile profile, Budget budget, ClassPrior prior);

  /**
   * Looks for more accuracy than the desired rung has in the field: the least larger rung that is
   * expected to meet every limit and to stay in service, has not broken this budget, and is
   * accurate enough on the ladder.
   *
   * @param leastLadderAccuracy accuracy that the rung must have on the ladder
   * @param why what the reason begins with
   * @return no choice where there is no such rung, or too little is known yet
   */
  Verdict raise(Terms terms, PolicyState state, double leastLadderAccuracy, String why);
}
