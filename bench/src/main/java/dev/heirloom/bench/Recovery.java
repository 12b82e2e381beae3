package dev.heirloom.bench;

import java.util.List;

/**
 * How a device came back within its budget. An episode goes from the first window over budget to
 * the first within it at the rung that is desired by then.
 *
 * @param episodes how often it was over budget
 * @param worstWindows windows of the longest episode; one more than were seen where it did not end
 * @param worstRatio the largest p95 over the budget in force
 */
record Recovery(int episodes, int worstWindows, double worstRatio) {

  /** Reads a device's windows, oldest first. */
  static Recovery of(List<WindowLog.Seen> windows) {
    int episodes = 0;
    int worst = 0;
    double ratio = 0;
    int since = -1;
    for (int i = 0; i < windows.size(); i++) {
      WindowLog.Seen seen = windows.get(i);
      ratio =
          Math.max(
              ratio,
              (double) seen.window().getRequest().getP95Ns()
                  / seen.device().getBudget().getP95LatencyNs());
      if (since < 0 && !seen.within()) {
        since = i;
        episodes++;
      } else if (since >= 0
          && seen.within()
          && seen.window().getRung() == seen.device().getDesiredRung()) {
        worst = Math.max(worst, i - since);
        since = -1;
      }
    }
    if (since >= 0) {
      worst = Math.max(worst, windows.size() - since);
    }
    return new Recovery(episodes, worst, ratio);
  }
}
