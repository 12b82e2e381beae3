package dev.heirloom.bench;

import dev.heirloom.control.demo.DemoFamily;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.control.demo.Disturbance;
import dev.heirloom.runtime.family.Family;

/**
 * The demo's family without a fine-tune, which a benchmark has in seconds where accuracy does not
 * matter, and what its devices are asked.
 */
final class UntrainedShapes {
  /** Enough requests for short windows. */
  static final DemoFleet.Stream STREAM = new DemoFleet.Stream(200, 7, new Disturbance.None(), 60);

  /** One request a second, for a device that others ask, too. */
  static final DemoFleet.Stream TRICKLE = new DemoFleet.Stream(20, 7, new Disturbance.None(), 1);

  private static final DemoFamily FAMILY = new DemoFamily(4, 0, 260, 200);

  private UntrainedShapes() {}

  /** Inherits it in the directory of a run. */
  static Family inherit(Run run) throws Exception {
    run.say().accept("inheriting the demo's teacher, without fine-tuning");
    return FAMILY.inherit(run.directory(), new QuietProgress(run.interrupted()));
  }
}
