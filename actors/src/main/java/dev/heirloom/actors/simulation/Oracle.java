package dev.heirloom.actors.simulation;

/**
 * Serves, in every window, the most accurate rung whose true p95 is within the budget, or within a
 * share of it.
 *
 * @param headroomPercent how much a true p95 may rise until it is over the budget; 0 for the
 *     strategy that others are compared with
 */
record Oracle(int headroomPercent) implements Strategy {

  static final int MOST_PERCENT = 100;

  @Override
  public String name() {
    return headroomPercent == 0 ? Strategies.ORACLE : Strategies.ORACLE + "-" + headroomPercent;
  }

  @Override
  public String description() {
    return "the most accurate rung whose true p95"
        + (headroomPercent == 0 ? "" : ", " + headroomPercent + " % larger,")
        + " is within the budget, known beforehand";
  }

  @Override
  public Field begin() {
    return device -> new Seer(device, 1 + headroomPercent / 100.0);
  }

  private record Seer(DeviceSight device, double factor) implements Clairvoyant {

    @Override
    public int foresee(Truth truth) {
      if (factor == 1) {
        return Math.max(1, truth.best());
      }
      int best = 1;
      for (int rung = 2; rung <= device.ladder().size(); rung++) {
        if (factor * truth.p95Ns(rung) <= device.budget().p95LatencyNs()
            && device.ladder().rung(rung).accuracy() > device.ladder().rung(best).accuracy()) {
          best = rung;
        }
      }
      return best;
    }
  }
}
