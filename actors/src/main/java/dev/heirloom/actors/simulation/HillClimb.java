package dev.heirloom.actors.simulation;

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

  private static final class Climber extends StepController {
    private int good;
    private int bad;
    private int patience = LOOK_WINDOWS;

    Climber(DeviceSight device) {
      super(device);
    }

    @Override
    void counted(boolean over) {
      if (over) {
        bad++;
        good = 0;
      } else if (++good % LOOK_WINDOWS == 0) {
        bad = 0;
      }
      if (bad > TOLERATED_OVER && rung() > 1) {
        patience = Math.min(MOST_PATIENCE, 2 * patience);
        move(rung() - 1);
      } else if (good >= patience && !onTop()) {
        move(rung() + 1);
      }
    }

    @Override
    void move(int to) {
      super.move(to);
      good = 0;
      bad = 0;
    }
  }
}
