package dev.heirloom.control.demo;

/**
 * One device of the demo.
 *
 * @param name as it enrols
 * @param view what spoils its pictures
 * @param seed of the pictures that it sees
 */
record DemoDevice(String name, Disturbance view, long seed) {
  /** Has room for the top rung from first to last. */
  static final DemoDevice ROOMY = new DemoDevice("north-gate", new Disturbance.Noise(0.05), 101);

  /** Has room for the top rung, until its budget is cut. */
  static final DemoDevice CUT = new DemoDevice("loading-dock", new Disturbance.Blur(2), 102);

  /** Joins later, with room for a rung between the others. */
  static final DemoDevice MIDDLE =
      new DemoDevice("night-yard", new Disturbance.Darkness(0.55), 103);
}
