package dev.heirloom.actors.twin;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * Tells windows that were taken already. A device counts its windows beneath a number that it drew
 * with its state directory; where that is another, counting begins anew.
 */
final class RecentWindows {

  private long reporter;
  private long newest;

  /**
   * A stream of the device opened.
   *
   * @param reporter the number that the device drew; 0 where it has none
   */
  void streamOpened(long newReporter) {
    if (newReporter != reporter || newReporter == 0) {
      reporter = newReporter;
      newest = 0;
    }
  }

  /** Whether {@code window} is news; it is remembered then. */
  boolean accept(WindowReport window) {
    boolean news = window.firstSequence() > newest;
    newest = Math.max(newest, window.sequence());
    return news;
  }

  /** A window that cannot be one is not waited for. */
  void skip(long sequence) {
    newest = Math.max(newest, sequence);
  }

  /** What windows are counted beneath. */
  long reporter() {
    return reporter;
  }

  /** Up to which sequence windows were taken; 0 before the first. */
  long newest() {
    return newest;
  }
}
