package dev.heirloom.actors.fleet;

/** What a window was measured with. */
public enum Source {
  /** Requests of local applications. */
  TRAFFIC,
  /** The family's probe, because there was no traffic. */
  PROBE
}
