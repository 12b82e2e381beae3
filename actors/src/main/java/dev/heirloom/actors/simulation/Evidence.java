package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;

/**
 * Which windows say something of a rung. It spares the simple strategies what they would stumble
 * over: windows with too few requests for a p95, and the one in which the rung changed.
 */
final class Evidence {

  /** Least requests of which a twentieth is one. */
  static final int LEAST_REQUESTS = 20;

  private boolean settling = true;

  /** After a change, the next window of the new rung mixes what it measures. */
  void changed() {
    settling = true;
  }

  /** Whether a window is of the desired rung alone and has enough requests. */
  boolean counts(WindowReport window, int desired) {
    if (window.rung() != desired) {
      return false;
    }
    if (settling) {
      settling = false;
      return false;
    }
    return window.request().count() >= LEAST_REQUESTS;
  }
}
