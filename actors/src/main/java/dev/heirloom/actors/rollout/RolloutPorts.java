package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.FamilyCatalogue;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.view.FleetView;
import java.time.Clock;
import java.time.Duration;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.RecipientRef;
import org.apache.pekko.actor.typed.pubsub.Topic;

/**
 * What rollouts are given.
 *
 * @param catalogue the published families
 * @param versions what is done with them
 * @param view the fleet as this node sees it
 * @param twins finds the twin of a device by name
 * @param statuses topic that every change of a rollout is published to
 * @param clock the control plane's clock
 * @param jitter factors that spread timers, around 1
 * @param look time between looks around
 * @param keep least time between what was measured is persisted
 */
public record RolloutPorts(
    FamilyCatalogue catalogue,
    Versions versions,
    ActorRef<FleetView.Command> view,
    Function<String, RecipientRef<DeviceTwin.Command>> twins,
    ActorRef<Topic.Command<RolloutStatus>> statuses,
    Clock clock,
    DoubleSupplier jitter,
    Duration look,
    Duration keep) {}
