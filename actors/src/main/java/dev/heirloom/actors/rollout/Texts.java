package dev.heirloom.actors.rollout;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What reasons are made of. */
final class Texts {
  private static final int MOST_NAMES = 5;

  private Texts() {}

  static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  static String time(long ms) {
    Duration time = Duration.ofMillis(ms);
    return time.toMinutes() >= 120
        ? time.toHours() + " h"
        : time.toSeconds() >= 120 ? time.toMinutes() + " min" : time.toSeconds() + " s";
  }

  /** The first few names, and how many more there are. */
  static String names(List<Member> members) {
    String first = String.join(", ", members.stream().limit(MOST_NAMES).map(Member::name).toList());
    int more = members.size() - MOST_NAMES;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
