package dev.heirloom.actors.twin;

import dev.heirloom.actors.adaptation.RankPolicy;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.prior.ClassPriors;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.pubsub.Topic;

/**
 * What twins are given.
 *
 * @param catalogue the published families
 * @param policy chooses rungs
 * @param priors owner of what is known of device classes
 * @param statuses topic that every change of a device is published to
 * @param clock the control plane's clock
 * @param jitter factors that spread timers, around 1
 * @param retryDelay time before a failed installation is tried again; doubles with each failure
 * @param rules the budget rules as this node knows them; answers from memory
 */
public record TwinPorts(
    FamilyCatalogue catalogue,
    RankPolicy policy,
    ActorRef<ClassPriors.Command> priors,
    ActorRef<Topic.Command<DeviceStatus>> statuses,
    Clock clock,
    DoubleSupplier jitter,
    Duration retryDelay,
    Supplier<BudgetRules> rules) {

  /** The ports with timers spread by ±20 % and a first retry after ten seconds. */
  public static TwinPorts of(
      FamilyCatalogue catalogue,
      RankPolicy policy,
      ActorRef<ClassPriors.Command> priors,
      ActorRef<Topic.Command<DeviceStatus>> statuses,
      Clock clock,
      Supplier<BudgetRules> rules) {
    return new TwinPorts(
        catalogue,
        policy,
        priors,
        statuses,
        clock,
        () -> ThreadLocalRandom.current().nextDouble(0.8, 1.2),
        Duration.ofSeconds(10),
        rules);
  }
}
