package dev.heirloom.inheritance.training;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void warmsUpToTheHighestRateAndThenFalls() {
    Schedule schedule = new Schedule(0.1, 100);
    double before = 0;
    for (int step = 0; step < 8; step++) {
      assertThat(schedule.at(step)).isGreaterThan(before).isLessThanOrEqualTo(0.1);
      before = schedule.at(step);
    }
    assertThat(schedule.at(8)).isEqualTo(0.1);
    for (int step = 9; step < 100; step++) {
      assertThat(schedule.at(step)).isLessThan(schedule.at(step - 1)).isPositive();
    }
  }

  @Test
  void aSingleStepHasTheHighestRate() {
    assertThat(new Schedule(0.1, 1).at(0)).isEqualTo(0.1);
  }
}
