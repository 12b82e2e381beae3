package dev.heirloom.control.store;

import dev.heirloom.actors.twin.DeviceTwin;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;

/** The names of all devices that the journal knows. */
public final class DeviceNames {
  private DeviceNames() {}

  /** Every device that was ever enrolled, in no order. */
  public static CompletionStage<List<String>> read(ActorSystem<?> system) {
    return EntityNames.read(system, DeviceTwin.TYPE);
  }
}
