package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.WindowReport;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Tells windows seen already, and those that a newer one of the same stream overtook. Sequences
 * begin anew when the agent does and its clock may jump, so that neither alone orders windows.
 */
final class RecentWindows {

  private static final int MOST = 16;

  private record Seen(long sequence, Instant start) {}

  private final Deque<Seen> seen = new ArrayDeque<>();
  private long newest;

  void streamOpened() {
    newest = 0;
  }

  /** Whether {@code window} is news; it is remembered then. */
  boolean accept(WindowReport window) {
    Seen candidate = new Seen(window.sequence(), window.start());
    if (window.sequence() <= newest || seen.contains(candidate)) {
      return false;
    }
    newest = window.sequence();
    seen.addLast(candidate);
    if (seen.size() > MOST) {
      seen.removeFirst();
    }
    return true;
  }
}
