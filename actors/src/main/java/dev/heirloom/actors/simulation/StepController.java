package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/** A contender that knows one thing of a window: whether it was over the budget. */
abstract class StepController implements Contender {
  private final DeviceSight device;
  private final Evidence evidence = new Evidence();
  private int rung = 1;

  StepController(DeviceSight device) {
    this.device = device;
  }

  /** Takes in a window that counts, and {@link #move}s where it is to. */
  abstract void counted(boolean over);

  int rung() {
    return rung;
  }

  boolean onTop() {
    return rung == device.ladder().size();
  }

  void move(int to) {
    rung = to;
    evidence.changed();
  }

  @Override
  public final int connected() {
    return rung;
  }

  @Override
  public final int decide(WindowReport window) {
    if (evidence.counts(window, rung)) {
      counted(window.request().p95Ns() > device.budget().p95LatencyNs());
    }
    return rung;
  }

  @Override
  public final void learn(WindowReport window) {}
}
