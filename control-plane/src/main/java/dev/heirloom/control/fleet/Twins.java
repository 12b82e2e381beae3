package dev.heirloom.control.fleet;

import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.twin.DeviceTwin;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.pattern.StatusReply;

/** The devices' twins by name, and which of them have a stream open here. Thread-safe. */
public final class Twins {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  // How a twin ends its refusal to speak for a device that it does not know.
  private static final String NOT_ENROLLED = " is not enrolled";

  private final ClusterSharding sharding;
  private final Map<String, Integer> streams = new ConcurrentHashMap<>();

  public Twins(ClusterSharding sharding) {
    this.sharding = sharding;
  }

  /** The twin of a device, whether the device is known or not. */
  public EntityRef<DeviceTwin.Command> of(String device) {
    return sharding.entityRefFor(DeviceTwin.TYPE, device);
  }

  /**
   * Asks a twin. Fails with {@link UnknownDeviceException}, with the twin's refusal as a {@link
   * StatusReply.ErrorMessage}, or with a timeout where no answer comes.
   */
  public <T> CompletionStage<T> ask(
      String device, Function<ActorRef<StatusReply<T>>, DeviceTwin.Command> command) {
    return of(device)
        .<T>askWithStatus(command::apply, PATIENCE)
        .exceptionallyCompose(
            failure -> CompletableFuture.failedFuture(explained(device, failure)));
  }

  private static Throwable explained(String device, Throwable thrown) {
    Throwable failure =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return failure instanceof StatusReply.ErrorMessage refusal
            && String.valueOf(refusal.getMessage()).endsWith(NOT_ENROLLED)
        ? new UnknownDeviceException(device)
        : failure;
  }

  /** A stream of the device was opened here. */
  public void opened(String device) {
    streams.merge(device, 1, Integer::sum);
  }

  /** A stream of the device that was opened here has ended. */
  public void ended(String device) {
    streams.computeIfPresent(device, (name, open) -> open == 1 ? null : open - 1);
  }

  /**
   * Tells every connected device's twin; the others look for themselves when their device connects.
   */
  public void published(PublishedFamily family) {
    streams.keySet().forEach(device -> of(device).tell(new DeviceTwin.FamilyPublished(family)));
  }

  /** The same for budget rules. */
  void rulesChanged(BudgetRules rules) {
    streams.keySet().forEach(device -> of(device).tell(new DeviceTwin.RulesChanged(rules)));
  }
}
