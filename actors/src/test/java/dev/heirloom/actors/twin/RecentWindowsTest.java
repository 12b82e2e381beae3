package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.WindowReport;
import org.junit.jupiter.api.Test;

class RecentWindowsTest {

  private static final PublishedFamily FAMILY = Fixtures.family("f", "1", 2);

  private final RecentWindows windows = new RecentWindows();

  @Test
  void refusesWindowsThatANewerOneOvertook() {
    assertThat(windows.accept(window(5))).isTrue();
    assertThat(windows.accept(window(4))).isFalse();
    assertThat(windows.accept(window(6))).isTrue();
  }

  @Test
  void refusesWindowsThatAreReportedAgainOnANewStream() {
    windows.streamOpened(7);
    windows.accept(window(5));
    windows.streamOpened(7);

    assertThat(windows.newest()).isEqualTo(5);
    assertThat(windows.accept(window(5))).isFalse();
    assertThat(windows.accept(window(6))).isTrue();
  }

  @Test
  void acceptsADeviceThatCountsAnew() {
    windows.streamOpened(7);
    windows.accept(window(500));
    windows.streamOpened(8);

    assertThat(windows.newest()).isZero();
    assertThat(windows.accept(window(1))).isTrue();
  }

  @Test
  void acceptsAnyDeviceThatSaysNothingOfHowItCounts() {
    windows.streamOpened(0);
    windows.accept(window(500));
    windows.streamOpened(0);

    assertThat(windows.accept(window(1))).isTrue();
  }

  private static WindowReport window(long sequence) {
    return Fixtures.window(sequence, FAMILY, 1, 2);
  }
}
