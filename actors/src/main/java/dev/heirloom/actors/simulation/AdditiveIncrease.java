package dev.heirloom.actors.simulation;

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

  private static final class Controller extends StepController {
    private int good;

    Controller(DeviceSight device) {
      super(device);
    }

    @Override
    void counted(boolean over) {
      good = over ? 0 : good + 1;
      if (over && rung() > 1) {
        move(rung() / 2);
      } else if (good >= PATIENCE_WINDOWS && !onTop()) {
        move(rung() + 1);
      }
    }

    @Override
    void move(int to) {
      super.move(to);
      good = 0;
    }
  }
}
