package dev.heirloom.control.fleet;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.view.FleetView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.typed.javadsl.ActorSource;

/** The fleet as a stream: every device once, then each change. */
public final class FleetChanges {
  // Between the view and the merging stage right behind it; the latter always takes.
  private static final int IN_FLIGHT = 8192;

  private final ActorRef<FleetView.Command> view;

  public FleetChanges(ActorRef<FleetView.Command> view) {
    this.view = view;
  }

  /**
   * The devices that have all labels of {@code selector}. A slow reader gets the newest status of a
   * device and misses those between, so it costs one status per device at most.
   */
  public Source<DeviceStatus, NotUsed> source(Map<String, String> selector) {
    return ActorSource.<DeviceStatus>actorRef(
            status -> false, status -> Optional.empty(), IN_FLIGHT, OverflowStrategy.fail())
        .mapMaterializedValue(
            subscriber -> {
              view.tell(new FleetView.Subscribe(subscriber, selector));
              return NotUsed.getInstance();
            })
        .conflateWithSeed(
            first -> {
              Map<String, DeviceStatus> newest = new LinkedHashMap<>();
              newest.put(first.name(), first);
              return newest;
            },
            (newest, status) -> {
              newest.put(status.name(), status);
              return newest;
            })
        .mapConcat(Map::values);
  }
}
