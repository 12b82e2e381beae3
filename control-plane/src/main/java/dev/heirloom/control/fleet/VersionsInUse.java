package dev.heirloom.control.fleet;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.control.store.DeviceNames;
import dev.heirloom.runtime.family.Digest;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.stream.javadsl.Source;

/** Which family versions the devices need, online or not, and rollouts. */
public final class VersionsInUse {
  private static final int AT_ONCE = 64;

  private final ActorSystem<?> system;
  private final Twins twins;
  private final Supplier<Set<Digest>> rollouts;

  /**
   * @param rollouts versions that rollouts need
   */
  public VersionsInUse(ActorSystem<?> system, Twins twins, Supplier<Set<Digest>> rollouts) {
    this.system = system;
    this.twins = twins;
    this.rollouts = rollouts;
  }

  /**
   * Asks every twin that the journal knows. A twin answers after what it was told before, so that a
   * version which was superseded before the question, and no twin names, is assigned to none later.
   * Fails where one does not answer.
   */
  public CompletionStage<Set<Digest>> ask() {
    return DeviceNames.read(system)
        .thenCompose(
            names ->
                Source.from(names)
                    .mapAsyncUnordered(
                        AT_ONCE, name -> twins.<DeviceStatus>ask(name, DeviceTwin.GetStatus::new))
                    .<Set<Digest>>runFold(new HashSet<>(rollouts.get()), VersionsInUse::with, system))
        .thenApply(Set::copyOf);
  }

  private static Set<Digest> with(Set<Digest> versions, DeviceStatus device) {
    device.manifest().ifPresent(versions::add);
    device.reportedManifest().ifPresent(versions::add);
    return versions;
  }
}
