package dev.heirloom.actors.simulation;

/** A contender that sees the truth of a window before it begins, and is obeyed at once. */
public interface Clairvoyant extends Contender {

  /** The rung of the window that begins. */
  int foresee(Truth truth);
}
