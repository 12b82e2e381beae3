package dev.heirloom.actors.rollout;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/**
 * A span of each day, in UTC, in which installations may begin.
 *
 * @param fromMinute minutes after midnight, 0..1439
 * @param toMinute the same; before {@code fromMinute} it is on the next day
 */
public record MaintenanceWindow(int fromMinute, int toMinute) {
  private static final int DAY = 24 * 60;

  public MaintenanceWindow {
    if (fromMinute < 0 || fromMinute >= DAY || toMinute < 0 || toMinute >= DAY) {
      throw new IllegalArgumentException(
          "windows: %d..%d (expected: minutes of a day, 0..1439)".formatted(fromMinute, toMinute));
    }
    if (fromMinute == toMinute) {
      throw new IllegalArgumentException("windows: " + this + " is empty (expected: two times)");
    }
  }

  private boolean open(int minute) {
    return fromMinute < toMinute
        ? minute >= fromMinute && minute < toMinute
        : minute >= fromMinute || minute < toMinute;
  }

  /** Whether installations may begin; always where there are no windows. */
  static boolean open(List<MaintenanceWindow> windows, Instant now) {
    var time = now.atOffset(ZoneOffset.UTC);
    int minute = time.getHour() * 60 + time.getMinute();
    return windows.isEmpty() || windows.stream().anyMatch(window -> window.open(minute));
  }

  @Override
  public String toString() {
    return "%02d:%02d-%02d:%02d"
        .formatted(fromMinute / 60, fromMinute % 60, toMinute / 60, toMinute % 60);
  }
}
