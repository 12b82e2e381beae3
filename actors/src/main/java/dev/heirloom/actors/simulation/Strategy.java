package dev.heirloom.actors.simulation;

/** A way to choose rungs for a fleet. */
public interface Strategy {

  /** One word, as on a command line. */
  String name();

  /** What it does, in one line. */
  String description();

  /** A control plane that knows nothing yet. */
  Field begin();

  /** One run of a strategy: what its contenders share. Used by one thread. */
  @FunctionalInterface
  interface Field {

    /** The contender of one device. */
    Contender contender(DeviceSight device);
  }
}
