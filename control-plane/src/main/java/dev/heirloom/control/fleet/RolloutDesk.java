package dev.heirloom.control.fleet;

import dev.heirloom.actors.rollout.Rollout;
import dev.heirloom.actors.rollout.RolloutPorts;
import dev.heirloom.actors.rollout.RolloutStatus;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.EntityNames;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.runtime.family.Digest;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.typed.javadsl.ActorSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rollouts as this node knows them, and the way to change them. Every node follows their
 * changes. Thread-safe.
 */
public final class RolloutDesk {
  private static final Logger LOG = LoggerFactory.getLogger(RolloutDesk.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration START_PATIENCE = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration KEEP = Duration.ofSeconds(2);
  private static final Duration WAKE = Duration.ofMinutes(1);
  private static final double JITTER = 0.2;
  private static final int AT_ONCE = 8;
  private static final int IN_FLIGHT = 256;

  private final ActorSystem<?> system;
  private final ClusterSharding sharding;
  private final ActorRef<Topic.Command<RolloutStatus>> changes;
  private final Map<String, RolloutStatus> known = new ConcurrentHashMap<>();

  /** Rollouts of the journal that do not answer: what they need is not known. */
  private final Set<String> silent = ConcurrentHashMap.newKeySet();

  private final CompletableFuture<Done> complete = new CompletableFuture<>();

  private RolloutDesk(
      ActorSystem<?> system,
      ClusterSharding sharding,
      ActorRef<Topic.Command<RolloutStatus>> changes) {
    this.system = system;
    this.sharding = sharding;
    this.changes = changes;
  }

  /**
   * Starts the shards of rollouts on this node and follows them; those that are not over go on.
   *
   * @param changed told of each change
   * @param blocking runs what signs and writes
   */
  public static RolloutDesk open(
      FleetSystem fleet,
      DirectoryCatalogue catalogue,
      ReleaseDesk releases,
      Consumer<RolloutStatus> changed,
      Executor blocking) {
    ActorSystem<?> system = fleet.system();
    ActorRef<Topic.Command<RolloutStatus>> changes =
        system.systemActorOf(
            Topic.create(RolloutStatus.class, "rollouts"), "rollouts", Props.empty());
    ClusterSharding sharding = ClusterSharding.get(system);
    RolloutDesk desk = new RolloutDesk(system, sharding, changes);
    ActorRef<RolloutStatus> follower =
        system.systemActorOf(
            Behaviors.receiveMessage(
                status -> {
                  changed.accept(desk.learn(status));
                  return Behaviors.same();
                }),
            "rollouts-follower",
            Props.empty());
    changes.tell(Topic.subscribe(follower));
    Rollout.init(
        sharding,
        ClusterShardingSettings.create(system),
        new RolloutPorts(
            catalogue,
            new PublishedVersions(catalogue, releases, fleet.twins(), blocking),
            fleet.view(),
            fleet.twins()::of,
            changes,
            Clock.systemUTC(),
            () -> ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER),
            LOOK,
            KEEP));
    desk.keepAwake();
    return desk;
  }

  /** Waits a moment until every rollout that the journal knows has answered. */
  public void awaitKnown() throws InterruptedException, ExecutionException {
    try {
      complete.get(START_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn("not every rollout has answered yet");
    }
  }

  /** Also where a shard has moved: an entity wakes when it is asked. */
  private void keepAwake() {
    Source.tick(Duration.ZERO, WAKE, Done.getInstance())
        .mapAsync(1, tick -> wake())
        .runWith(Sink.ignore(), system);
  }

  /** The journal is read until all have answered once; of later ones this node hears. */
  private CompletionStage<List<String>> names() {
    return complete.isDone()
        ? CompletableFuture.completedStage(
            Stream.concat(known.keySet().stream(), silent.stream()).distinct().toList())
        : EntityNames.read(system, Rollout.TYPE);
  }

  private CompletionStage<Done> wake() {
    return names()
        .thenCompose(
            names ->
                Source.from(names)
                    .filter(name -> rollout(name).filter(r -> r.phase().over()).isEmpty())
                    .mapAsyncUnordered(AT_ONCE, this::wake)
                    .runWith(Sink.ignore(), system))
        .thenApply(
            done -> {
              complete.complete(done);
              return done;
            })
        .exceptionally(
            failure -> {
              LOG.warn("the rollouts' names cannot be read: {}", failure.toString());
              return Done.getInstance();
            });
  }

  /** One that does not answer holds no other up. */
  private CompletionStage<Done> wake(String name) {
    return ask(name, Rollout.GetStatus::new)
        .handle(
            (status, failure) -> {
              if (failure == null) {
                silent.remove(name);
              } else if (silent.add(name)) {
                LOG.warn("rollout {} does not answer: {}", name, failure.toString());
              }
              return Done.getInstance();
            });
  }

  private RolloutStatus learn(RolloutStatus status) {
    known.put(status.name(), status);
    return status;
  }

  /** Every rollout that this node has heard of, the newest first. */
  public List<RolloutStatus> rollouts() {
    return known.values().stream()
        .sorted(
            Comparator.comparingLong(RolloutStatus::createdMs)
                .reversed()
                .thenComparing(RolloutStatus::name))
        .toList();
  }

  /** A rollout, where this node has heard of it. */
  public Optional<RolloutStatus> rollout(String name) {
    return Optional.ofNullable(known.get(name));
  }

  /**
   * The versions that rollouts need which are not over.
   *
   * @throws IllegalStateException while not all of them are known
   */
  public Set<Digest> versions() {
    if (!complete.isDone() || !silent.isEmpty()) {
      throw new IllegalStateException("not every rollout has answered yet");
    }
    Set<Digest> versions = new HashSet<>();
    for (RolloutStatus rollout : known.values()) {
      if (!rollout.phase().over()) {
        versions.add(Digest.parse(rollout.plan().target()));
        versions.add(Digest.parse(rollout.plan().previous()));
      }
    }
    return versions;
  }

  /** Asks a rollout; its answer is known here, too. */
  public CompletionStage<RolloutStatus> ask(
      String name, Function<ActorRef<StatusReply<RolloutStatus>>, Rollout.Command> command) {
    return sharding
        .entityRefFor(Rollout.TYPE, name)
        .<RolloutStatus>askWithStatus(command::apply, PATIENCE)
        .thenApply(this::learn);
  }

  /** Each rollout once, then each change; a slow reader gets the newest of each. */
  public Source<RolloutStatus, NotUsed> source() {
    return ActorSource.<RolloutStatus>actorRef(
            status -> false, status -> Optional.empty(), IN_FLIGHT, OverflowStrategy.dropHead())
        .mapMaterializedValue(
            subscriber -> {
              changes.tell(Topic.subscribe(subscriber));
              rollouts().forEach(subscriber::tell);
              return NotUsed.getInstance();
            });
  }
}
