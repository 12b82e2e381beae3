package dev.heirloom.control.fleet;

import dev.heirloom.actors.fleet.DeviceStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.RestartSettings;
import org.apache.pekko.stream.javadsl.RestartSource;
import org.apache.pekko.stream.javadsl.Sink;

/** The latest status of every device, to be read from any thread without asking an actor. */
public final class FleetMirror {
  private static final RestartSettings RESTART =
      RestartSettings.create(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2);

  private final Map<String, DeviceStatus> devices = new ConcurrentSkipListMap<>();

  private FleetMirror() {}

  /** Follows the fleet until the system ends. */
  public static FleetMirror follow(FleetChanges changes, Observer observer, ActorSystem<?> system) {
    FleetMirror mirror = new FleetMirror();
    RestartSource.withBackoff(RESTART, () -> changes.source(Map.of()))
        .runWith(Sink.foreach(now -> mirror.take(now, observer)), system);
    return mirror;
  }

  private void take(DeviceStatus now, Observer observer) {
    DeviceStatus before = now.removed() ? devices.remove(now.name()) : devices.put(now.name(), now);
    observer.changed(Optional.ofNullable(before), now);
  }

  /** Every device, by name. */
  public List<DeviceStatus> devices() {
    return List.copyOf(devices.values());
  }

  /** A device, where it is known. */
  public Optional<DeviceStatus> device(String name) {
    return Optional.ofNullable(devices.get(name));
  }

  /** Hears of every change, one after another. */
  public interface Observer {
    void changed(Optional<DeviceStatus> before, DeviceStatus now);
  }
}
