package dev.heirloom.actors.simulation;

import static dev.heirloom.actors.simulation.Moments.at;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalsTest {

  private static final int WATCHED = 360;

  private final Arrivals arrivals = new Arrivals(Moments.scenario(1, 500));

  private void serve(int from, int to, int rung, int best) {
    for (int window = from; window < to; window++) {
      Moment moment = at(window, window, rung, best, 100, 1, false, 1000);
      boolean changes = window > 0 && window == from;
      arrivals.saw(changes ? Moments.changing(moment) : moment);
    }
  }

  @Test
  void countsTheChangesUntilARungIsRightAndStays() {
    serve(0, 20, 1, 4);
    serve(20, 25, 3, 4);
    serve(25, 40, 1, 4);
    serve(40, WATCHED, 3, 4);

    assertThat(arrivals.arrivals()).containsExactly(new Arrivals.Arrival(1, 3, 4, 3));
  }

  @Test
  void needsNoChangeWhereTheFirstRungIsRight() {
    serve(0, WATCHED, 4, 4);

    assertThat(arrivals.arrivals()).containsExactly(new Arrivals.Arrival(4, 4, 4, 0));
  }

  @Test
  void saysWhatWasNeverRight() {
    serve(0, WATCHED, 1, 4);

    assertThat(arrivals.arrivals())
        .containsExactly(new Arrivals.Arrival(1, 1, 4, Integer.MAX_VALUE));
  }

  @Test
  void leavesOutDevicesThatJoinedTooLateOrThatNothingSuits() {
    serve(0, WATCHED - 1, 4, 4);
    assertThat(arrivals.arrivals()).isEmpty();

    serve(WATCHED - 1, WATCHED, 4, 4);
    assertThat(arrivals.arrivals()).hasSize(1);
    Arrivals nothing = new Arrivals(Moments.scenario(1, 500));
    for (int window = 0; window < WATCHED; window++) {
      nothing.saw(at(window, window, 1, 0, 100, 9, false, 1000));
    }
    assertThat(nothing.arrivals()).isEmpty();
  }

  @Test
  void looksAtTheFirstSixHoursOnly() {
    serve(0, WATCHED, 4, 4);
    serve(WATCHED, 500, 1, 1);

    assertThat(arrivals.arrivals()).containsExactly(new Arrivals.Arrival(4, 4, 4, 0));
  }
}
