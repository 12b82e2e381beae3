package dev.heirloom.actors.view;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.twin.DeviceTwin;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Function;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.RecipientRef;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.pubsub.Topic;

/**
 * Owns the fleet as operators see it: the latest status of every device, in memory. Twins tell it
 * every change through a topic; after a restart it is seeded with the names of the devices, whose
 * twins it asks a few at a time.
 */
public final class FleetView extends AbstractBehavior<FleetView.Command> {

  /** What the view accepts. */
  public sealed interface Command {}

  /**
   * Names devices that exist; the twins of those not known yet are asked for their status.
   *
   * @param deviceNames names of devices
   */
  public record Seed(List<String> deviceNames) implements Command {
    public Seed {
      deviceNames = List.copyOf(deviceNames);
    }
  }

  /**
   * Asks for a page of devices.
   *
   * @param selector labels that a device must have; empty for every device
   * @param order in which they are listed
   * @param after only devices strictly after this place; empty starts at the beginning
   * @param limit most devices in the answer, 1..1000
   * @param replyTo gets the page
   */
  public record ListDevices(
      Map<String, String> selector,
      DeviceOrder order,
      Optional<DeviceOrder.Place> after,
      int limit,
      ActorRef<Page> replyTo)
      implements Command {
    public ListDevices {
      selector = Map.copyOf(selector);
      if (limit < 1 || limit > 1000) {
        throw new IllegalArgumentException("limit: " + limit + " (expected: 1..1000)");
      }
    }

    /**
     * Asks for devices by name.
     *
     * @param after only names strictly after this one; empty starts at the beginning
     */
    public ListDevices(
        Map<String, String> selector, String after, int limit, ActorRef<Page> replyTo) {
      this(
          selector,
          DeviceOrder.BY_NAME,
          after.isEmpty() ? Optional.empty() : DeviceOrder.BY_NAME.place(after),
          limit,
          replyTo);
    }
  }

  /**
   * Asks for the names of all devices that have some labels.
   *
   * @param selector labels that a device must have; empty for every device
   * @param replyTo gets the names, in their order
   */
  public record ListNames(Map<String, String> selector, ActorRef<List<String>> replyTo)
      implements Command {
    public ListNames {
      selector = Map.copyOf(selector);
    }
  }

  /**
   * Asks to be told once every device that was named in a {@link Seed} is known, or known to be
   * gone.
   *
   * @param replyTo is told
   */
  public record AwaitSeeded(ActorRef<Done> replyTo) implements Command {}

  /**
   * Tells a subscriber every device once, then each change, until the subscriber ends.
   *
   * @param subscriber gets the statuses
   * @param selector labels that a device must have; empty for every device
   */
  public record Subscribe(ActorRef<DeviceStatus> subscriber, Map<String, String> selector)
      implements Command {
    public Subscribe {
      selector = Map.copyOf(selector);
    }
  }

  /**
   * Asks for the fleet in numbers.
   *
   * @param replyTo gets the summary
   */
  public record Summarise(ActorRef<FleetSummary> replyTo) implements Command {}

  private record Changed(DeviceStatus status) implements Command {}

  private record Seeded(DeviceStatus status) implements Command {}

  private record SeedFailed(String name, String reason) implements Command {}

  private record SubscriberEnded(ActorRef<DeviceStatus> subscriber) implements Command {}

  private static final int MOST_SEEDING = 64;
  private static final Duration SEED_TIMEOUT = Duration.ofSeconds(10);

  /**
   * Creates the view.
   *
   * @param changes topic that the twins publish to
   * @param twins finds the twin of a device by name
   */
  public static Behavior<Command> create(
      ActorRef<Topic.Command<DeviceStatus>> changes,
      Function<String, RecipientRef<DeviceTwin.Command>> twins) {
    return Behaviors.setup(context -> new FleetView(context, changes, twins));
  }

  private final Function<String, RecipientRef<DeviceTwin.Command>> twins;
  private final Fleet fleet = new Fleet();
  private final Map<ActorRef<DeviceStatus>, Map<String, String>> subscribers = new HashMap<>();
  private final Queue<String> toSeed = new ArrayDeque<>();
  private final List<ActorRef<Done>> awaiting = new ArrayList<>();
  // An answer that was under way when its device was removed must not bring it back.
  private final Set<String> removedWhileSeeding = new HashSet<>();
  private int seeding;

  private FleetView(
      ActorContext<Command> context,
      ActorRef<Topic.Command<DeviceStatus>> changes,
      Function<String, RecipientRef<DeviceTwin.Command>> twins) {
    super(context);
    this.twins = twins;
    changes.tell(Topic.subscribe(context.messageAdapter(DeviceStatus.class, Changed::new)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Seed.class, this::onSeed)
        .onMessage(ListDevices.class, this::onListDevices)
        .onMessage(ListNames.class, this::onListNames)
        .onMessage(AwaitSeeded.class, this::onAwaitSeeded)
        .onMessage(Subscribe.class, this::onSubscribe)
        .onMessage(Summarise.class, this::onSummarise)
        .onMessage(Changed.class, this::onChanged)
        .onMessage(Seeded.class, this::onSeeded)
        .onMessage(SeedFailed.class, this::onSeedFailed)
        .onMessage(SubscriberEnded.class, this::onSubscriberEnded)
        .build();
  }

  private Behavior<Command> onSeed(Seed command) {
    toSeed.addAll(command.deviceNames());
    askMore();
    return this;
  }

  private Behavior<Command> onListDevices(ListDevices command) {
    command
        .replyTo()
        .tell(fleet.page(command.selector(), command.order(), command.after(), command.limit()));
    return this;
  }

  private Behavior<Command> onListNames(ListNames command) {
    command.replyTo().tell(fleet.matching(command.selector()).map(DeviceStatus::name).toList());
    return this;
  }

  private Behavior<Command> onAwaitSeeded(AwaitSeeded command) {
    awaiting.add(command.replyTo());
    askMore();
    return this;
  }

  private Behavior<Command> onSubscribe(Subscribe command) {
    ActorRef<DeviceStatus> subscriber = command.subscriber();
    if (subscribers.put(subscriber, command.selector()) == null) {
      getContext().watchWith(subscriber, new SubscriberEnded(subscriber));
    }
    fleet.matching(command.selector()).forEach(subscriber::tell);
    return this;
  }

  private Behavior<Command> onSummarise(Summarise command) {
    command.replyTo().tell(fleet.summary());
    return this;
  }

  private Behavior<Command> onChanged(Changed command) {
    put(command.status());
    return this;
  }

  private Behavior<Command> onSeeded(Seeded command) {
    // What came through the topic meanwhile is newer.
    String name = command.status().name();
    if (!fleet.knows(name) && !removedWhileSeeding.contains(name)) {
      put(command.status());
    }
    seeding--;
    askMore();
    return this;
  }

  private Behavior<Command> onSeedFailed(SeedFailed command) {
    // A device that was removed still has a journal.
    if (!command.reason().endsWith(" is not enrolled")) {
      getContext().getLog().warn("no status of device {}: {}", command.name(), command.reason());
    }
    seeding--;
    askMore();
    return this;
  }

  private Behavior<Command> onSubscriberEnded(SubscriberEnded command) {
    subscribers.remove(command.subscriber());
    return this;
  }

  private void put(DeviceStatus status) {
    if (status.removed()) {
      fleet.remove(status.name());
      if (seeding > 0 || !toSeed.isEmpty()) {
        removedWhileSeeding.add(status.name());
      }
    } else {
      fleet.put(status);
    }
    subscribers.forEach(
        (subscriber, selector) -> {
          if (status.matches(selector)) {
            subscriber.tell(status);
          }
        });
  }

  private void askMore() {
    while (seeding < MOST_SEEDING && !toSeed.isEmpty()) {
      String name = toSeed.remove();
      if (!fleet.knows(name)) {
        seeding++;
        ask(name);
      }
    }
    if (seeding == 0) {
      removedWhileSeeding.clear();
      awaiting.forEach(awaits -> awaits.tell(Done.getInstance()));
      awaiting.clear();
    }
  }

  private void ask(String name) {
    getContext()
        .askWithStatus(
            DeviceStatus.class,
            twins.apply(name),
            SEED_TIMEOUT,
            DeviceTwin.GetStatus::new,
            (status, failure) ->
                status != null ? new Seeded(status) : new SeedFailed(name, reason(failure)));
  }

  private static String reason(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
