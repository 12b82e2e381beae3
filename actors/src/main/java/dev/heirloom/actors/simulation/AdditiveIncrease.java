package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * Additive increase, multiplicative decrease: one rung up after ten windows within budget, half the
 * rungs down after one that is over.
 */
final class AdditiveIncrease implements Strategy {

  private static final int PATIENCE_WINDOWS = 10;

  @Override
  public String name() {
    return "aimd";
  }

  @Override
  public String description() {
    return "one rung up after ten windows within budget, to half the rung after one over";
  }

  @Override
  public Field begin() {
    return Controller::new;
  }

  private static final class Controller implements Contender {

    private final DeviceSight device;
    private final Evidence evidence = new Evidence();
    private int rung = 1;
    private int good;

    Controller(DeviceSight device) {
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
      boolean over = window.request().p95Ns() > device.budget().p95LatencyNs();
      good = over ? 0 : good + 1;
      if (over && rung > 1) {
        move(rung / 2);
      } else if (good >= PATIENCE_WINDOWS && rung < device.ladder().size()) {
        move(rung + 1);
      }
      return rung;
    }

    private void move(int to) {
      rung = to;
      good = 0;
      evidence.changed();
    }

    @Override
    public void learn(WindowReport window) {}
  }
}
