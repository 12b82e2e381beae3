package dev.heirloom.actors.simulation;

/** Sees every counted window of a run, in order of time, then of devices. */
@FunctionalInterface
public interface Watcher {

  void saw(Moment moment);
}
