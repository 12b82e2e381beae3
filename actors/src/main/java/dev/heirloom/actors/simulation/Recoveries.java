package dev.heirloom.actors.simulation;

import java.util.Arrays;

/**
 * How long devices stay over their budget after a load step. One counts where the served rung was
 * within the budget before and is not with the step, while another one is. It ends with the first
 * window that is within the budget in truth, and is dropped where the link is lost or no rung is
 * within the budget any more. Windows of fewer than 20 requests do not count; one that has not
 * ended at the end of the run counts as long as it lasted.
 */
final class Recoveries {

  private static final int NONE = -1;
  private static final int MOST = 2000;

  private final int[] open;
  private final boolean[] within;
  private final long[] lengths = new long[MOST + 1];

  Recoveries(int devices) {
    open = new int[devices];
    Arrays.fill(open, NONE);
    within = new boolean[devices];
  }

  void saw(Moment moment) {
    int device = moment.device();
    if (moment.stepBegan()) {
      close(device);
      boolean broken = within[device] && moment.beganTrueNs() > moment.budgetNs();
      open[device] = broken ? 0 : NONE;
    }
    boolean over = moment.trueNs() > moment.budgetNs();
    within[device] = !over;
    if (open[device] == NONE) {
      return;
    }
    if (moment.best() == 0 || !moment.linked()) {
      open[device] = NONE;
    } else if (!over) {
      close(device);
    } else if (moment.requests() >= Ledger.LEAST_REQUESTS) {
      open[device]++;
    }
  }

  private void close(int device) {
    if (open[device] != NONE) {
      lengths[Math.min(MOST, open[device])]++;
      open[device] = NONE;
    }
  }

  /** Adds those of another run, which has ended. */
  void add(Recoveries other) {
    for (int device = 0; device < other.open.length; device++) {
      other.close(device);
    }
    for (int i = 0; i <= MOST; i++) {
      lengths[i] += other.lengths[i];
    }
  }

  long count() {
    return Arrays.stream(lengths).sum();
  }

  /** Mean in windows; 0 where there is none. */
  double mean() {
    double sum = 0;
    for (int i = 0; i <= MOST; i++) {
      sum += (double) i * lengths[i];
    }
    return count() == 0 ? 0 : sum / count();
  }

  /** Percentile in windows, by nearest rank; 0 where there is none. */
  double percentile(double share) {
    long rank = (long) Math.ceil(share * count());
    long below = 0;
    for (int i = 0; i <= MOST; i++) {
      below += lengths[i];
      if (below >= rank) {
        return i;
      }
    }
    return MOST;
  }
}
