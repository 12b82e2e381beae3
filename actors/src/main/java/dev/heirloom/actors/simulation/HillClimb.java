package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * Hill climbing rung by rung: looks at ten windows, steps up if all were within budget and down as
 * soon as two were over; a step up that failed is tried again only after twice the patience.
 */
final class HillClimb implements Strategy {

  private static final int LOOK_WINDOWS = 10;
  private static final int TOLERATED_OVER = 1;
  private static final int MOST_PATIENCE = 640;

  @Override
  public String name() {
    return "hill";
  }

  @Override
  public String description() {
    return "one rung up when ten windows were within budget, one down after two over, with doubling patience";
  }

  @Override
  public Field begin() {
    return Climber::new;
  }

  private static final class Climber implements Contender {

    private final DeviceSight device;
    private final Evidence evidence = new Evidence();
    private int rung = 1;
    private int good;
    private int over;
    private int patience = LOOK_WINDOWS;

    Climber(DeviceSight device) {
      this.device = device;
    }

    @Override
    public int connected() {
      return rung;
    }

    @Override
    public int decide(WindowReport window) {
      if (!evidence.counts(window, rung)) {
        return rung;
      }
      if (window.request().p95Ns() > device.budget().p95LatencyNs()) {
        over++;
        good = 0;
      } else if (++good % LOOK_WINDOWS == 0) {
        over = 0;
      }
      if (over > TOLERATED_OVER && rung > 1) {
        patience = Math.min(MOST_PATIENCE, 2 * patience);
        move(rung - 1);
      } else if (good >= patience && rung < device.ladder().size()) {
        move(rung + 1);
      }
      return rung;
    }

    private void move(int to) {
      rung = to;
      good = 0;
      over = 0;
      evidence.changed();
    }

    @Override
    public void learn(WindowReport window) {}
  }
}
