package dev.heirloom.control.fleet;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.control.store.DeviceNames;
import dev.heirloom.runtime.family.Digest;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
                    .mapAsyncUnordered(AT_ONCE, this::versions)
                    .<Set<Digest>>runFold(
                        new HashSet<>(rollouts.get()), VersionsInUse::with, system))
        .thenApply(Set::copyOf);
  }

  /** A device that was removed still has a journal, and needs nothing. */
  private CompletionStage<Set<Digest>> versions(String name) {
    return twins
        .<DeviceStatus>ask(name, DeviceTwin.GetStatus::new)
        .thenApply(
            device ->
                Stream.of(device.manifest(), device.reportedManifest())
                    .flatMap(Optional::stream)
                    .collect(Collectors.toSet()))
        .exceptionallyCompose(
            failure ->
                failure instanceof UnknownDeviceException
                        || failure.getCause() instanceof UnknownDeviceException
                    ? CompletableFuture.completedFuture(Set.of())
                    : CompletableFuture.failedFuture(failure));
  }

  private static Set<Digest> with(Set<Digest> versions, Set<Digest> more) {
    versions.addAll(more);
    return versions;
  }
}
