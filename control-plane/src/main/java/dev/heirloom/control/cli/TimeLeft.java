package dev.heirloom.control.cli;

/** Guesses from a stage's pace how long it still takes. */
final class TimeLeft {
  private static final double NS_PER_SECOND = 1e9;

  private final long startNs;

  TimeLeft(long startNs) {
    this.startNs = startNs;
  }

  /** As in {@code 1:23 left}; empty where nothing is known yet. */
  String after(long done, long total, long nowNs) {
    if (done <= 0 || total <= done || nowNs <= startNs) {
      return "";
    }
    double secondsPerStep = (nowNs - startNs) / NS_PER_SECOND / done;
    return Figures.clock(Math.round(secondsPerStep * (total - done))) + " left";
  }
}
