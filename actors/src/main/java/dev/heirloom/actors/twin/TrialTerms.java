package dev.heirloom.actors.twin;

import java.time.Duration;

/**
 * How a rung is tried beside the one in service.
 *
 * @param share of the requests that it answers, too: above 0, at most 1
 * @param requests after how many the trial ends, at least 1
 * @param longest after how long it ends at the latest, at least 1 ms
 */
public record TrialTerms(double share, int requests, Duration longest) {
  public TrialTerms {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("share: " + share + " (expected: above 0, at most 1)");
    }
    if (requests < 1) {
      throw new IllegalArgumentException("requests: " + requests + " (expected: at least 1)");
    }
    if (longest.toMillis() < 1 || longest.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("longest: " + longest + " (expected: 1 ms .. 24 days)");
    }
  }
}
