package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.rollout.RolloutState.Known;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.runtime.family.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The entity for one rollout, named by it. It owns which devices take part and how far they are; it
 * looks around from time to time and does what {@link RolloutPlanner} says.
 *
 * <p>States: {@link RolloutState.Unknown} until {@link Create}, then {@link RolloutState.Known} in
 * the phases of {@link Phase}. A twin that is told something it knows changes nothing, so after a
 * restart everybody is told again who has not answered this incarnation.
 */
public final class Rollout
    extends EventSourcedBehavior<Rollout.Command, RolloutEvent, RolloutState> {

  /** What a rollout accepts. */
  public sealed interface Command {}

  /**
   * Begins it.
   *
   * @param deviceClasses the classes of its devices, by the devices' names
   */
  public record Create(
      RolloutPlan plan,
      Map<String, String> deviceClasses,
      ActorRef<StatusReply<RolloutStatus>> replyTo)
      implements Command {
    public Create {
      deviceClasses = Map.copyOf(deviceClasses);
    }
  }

  /** Lets no group begin or pass. */
  public record Pause(ActorRef<StatusReply<RolloutStatus>> replyTo) implements Command {}

  /** Lets it go on. */
  public record Resume(ActorRef<StatusReply<RolloutStatus>> replyTo) implements Command {}

  /** Gives it up: everybody who was touched goes back. */
  public record Abort(ActorRef<StatusReply<RolloutStatus>> replyTo) implements Command {}

  /** Begins anew what was halted or aborted, with its devices. */
  public record Retry(ActorRef<StatusReply<RolloutStatus>> replyTo) implements Command {}

  /** Asks for it as it is; also has it go on after a start of its node. */
  public record GetStatus(ActorRef<StatusReply<RolloutStatus>> replyTo) implements Command {}

  private record Seen(DeviceStatus status) implements Command {}

  private record Look() implements Command {}

  /**
   * A permission is there to tell twins; what was asked for in another phase is worth nothing.
   *
   * @param enlist to follow the target, else the current version
   */
  private record TwinsMayBeTold(long createdMs, Phase phase, boolean enlist) implements Command {}

  private record VersionsFailed(String reason) implements Command {}

  private record TwinAnswered(
      long createdMs, String device, boolean enlisted, Optional<Throwable> failure)
      implements Command {}

  /** Key of rollouts under cluster sharding; entity ids are their names. */
  public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "Rollout");

  private static final Duration TWIN_PATIENCE = Duration.ofSeconds(10);
  private static final Duration LONGEST_UNKEPT = Duration.ofMinutes(1);
  private static final int KEEPS_PER_SOAK = 20;
  private static final int EVENTS_PER_SNAPSHOT = 50;

  /**
   * Creates a rollout.
   *
   * @param id its entity id is the rollout's name
   */
  public static Behavior<Command> create(PersistenceId id, RolloutPorts ports) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new Rollout(id, context, timers, ports)));
  }

  /** Starts the shards of rollouts on this node. Whoever starts it asks each for its status. */
  public static void init(
      ClusterSharding sharding, ClusterShardingSettings settings, RolloutPorts ports) {
    sharding.init(
        Entity.of(
                TYPE, entity -> create(PersistenceId.of(TYPE.name(), entity.getEntityId()), ports))
            .withSettings(settings.withNoPassivationStrategy().withRememberEntities(false)));
  }

  private final String name;
  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final RolloutPorts ports;
  private final LiveRollout live = new LiveRollout();
  private Optional<ActorRef<DeviceStatus>> watch = Optional.empty();
  private boolean preparing;
  private Instant kept;
  private Optional<RolloutStatus> published = Optional.empty();

  private Rollout(
      PersistenceId id,
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      RolloutPorts ports) {
    super(
        id,
        SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2));
    this.name = id.entityId();
    this.context = context;
    this.timers = timers;
    this.ports = ports;
    this.kept = ports.clock().instant();
  }

  @Override
  public RolloutState emptyState() {
    return new RolloutState.Unknown();
  }

  @Override
  public CommandHandler<Command, RolloutEvent, RolloutState> commandHandler() {
    var builder = newCommandHandlerBuilder();
    builder
        .forStateType(RolloutState.Unknown.class)
        .onCommand(Create.class, this::onCreate)
        .onCommand(Pause.class, command -> refuse(command.replyTo()))
        .onCommand(Resume.class, command -> refuse(command.replyTo()))
        .onCommand(Abort.class, command -> refuse(command.replyTo()))
        .onCommand(Retry.class, command -> refuse(command.replyTo()))
        .onCommand(GetStatus.class, command -> refuse(command.replyTo()))
        .onAnyCommand(() -> Effect().none());
    builder
        .forStateType(Known.class)
        .onCommand(Create.class, this::onCreateAgain)
        .onCommand(Pause.class, this::onPause)
        .onCommand(Resume.class, this::onResume)
        .onCommand(Abort.class, this::onAbort)
        .onCommand(Retry.class, this::onRetry)
        .onCommand(GetStatus.class, this::onGetStatus)
        .onCommand(Seen.class, this::onSeen)
        .onCommand(Look.class, this::onLook)
        .onCommand(TwinsMayBeTold.class, this::onTwinsMayBeTold)
        .onCommand(VersionsFailed.class, this::onVersionsFailed)
        .onCommand(TwinAnswered.class, this::onTwinAnswered);
    return builder.build();
  }

  @Override
  public EventHandler<RolloutState, RolloutEvent> eventHandler() {
    var builder = newEventHandlerBuilder();
    builder.forStateType(RolloutState.Unknown.class).onEvent(RolloutEvent.Created.class, Known::of);
    builder
        .forStateType(Known.class)
        .onEvent(RolloutEvent.Joined.class, Known::on)
        .onEvent(RolloutEvent.EvidenceRecorded.class, Known::on)
        .onEvent(RolloutEvent.InstallationBegun.class, Known::on)
        .onEvent(RolloutEvent.AttemptsEnded.class, Known::on)
        .onEvent(RolloutEvent.SoakBegun.class, Known::on)
        .onEvent(RolloutEvent.GroupPassed.class, Known::on)
        .onEvent(RolloutEvent.PromotionBegun.class, Known::on)
        .onEvent(RolloutEvent.Completed.class, Known::on)
        .onEvent(RolloutEvent.Paused.class, Known::on)
        .onEvent(RolloutEvent.Resumed.class, Known::on)
        .onEvent(RolloutEvent.Turned.class, Known::on)
        .onEvent(RolloutEvent.Ended.class, Known::on)
        .onEvent(RolloutEvent.Retried.class, Known::on);
    return builder.build();
  }

  @Override
  public SignalHandler<RolloutState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    // What was measured is most of them, and a snapshot has the decisions.
    return RetentionCriteria.snapshotEvery(EVENTS_PER_SNAPSHOT, 2).withDeleteEventsOnSnapshot();
  }

  private void onRecovered(RolloutState state) {
    if (state instanceof Known known) {
      begin(known);
      publish(known);
    }
  }

  private Effect<RolloutEvent, RolloutState> onCreate(RolloutState.Unknown state, Create command) {
    if (command.deviceClasses().isEmpty()) {
      command
          .replyTo()
          .tell(
              StatusReply.error(
                  "no device of " + command.plan().family() + " has the labels that were asked"));
      return Effect().none();
    }
    long atMs = ports.clock().millis();
    List<Grouping.Candidate> candidates =
        command.deviceClasses().entrySet().stream()
            .map(entry -> new Grouping.Candidate(entry.getKey(), entry.getValue()))
            .toList();
    List<Member> grouped = Grouping.group(candidates, command.plan().groups(), atMs);
    return Effect()
        .persist(new RolloutEvent.Created(atMs, name, command.plan(), grouped))
        .thenRun(
            (Known known) -> {
              begin(known);
              reply(known, command.replyTo());
            });
  }

  private Effect<RolloutEvent, RolloutState> onCreateAgain(Known known, Create command) {
    command
        .replyTo()
        .tell(StatusReply.error("there is a rollout " + name + " already (" + word(known) + ")"));
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onPause(Known known, Pause command) {
    if (known.phase() != Phase.RUNNING) {
      return refuse(known, "be paused", command.replyTo());
    }
    return decide(
        known.paused()
            ? List.of()
            : List.of(new RolloutEvent.Paused(ports.clock().millis(), "an operator holds it")),
        known,
        command.replyTo());
  }

  private Effect<RolloutEvent, RolloutState> onResume(Known known, Resume command) {
    if (known.phase() != Phase.RUNNING) {
      return refuse(known, "be resumed", command.replyTo());
    }
    return decide(
        known.paused()
            ? List.of(new RolloutEvent.Resumed(ports.clock().millis(), "an operator lets it go on"))
            : List.of(),
        known,
        command.replyTo());
  }

  private Effect<RolloutEvent, RolloutState> onAbort(Known known, Abort command) {
    if (known.phase() == Phase.RETURNING || known.phase() == Phase.ABORTED) {
      reply(known, command.replyTo());
      return Effect().none();
    }
    if (known.phase() != Phase.RUNNING) {
      return refuse(known, "be aborted", command.replyTo());
    }
    return decide(
        List.of(new RolloutEvent.Turned(ports.clock().millis(), true, "an operator gave it up")),
        known,
        command.replyTo());
  }

  private Effect<RolloutEvent, RolloutState> onRetry(Known known, Retry command) {
    if (known.phase() != Phase.HALTED && known.phase() != Phase.ABORTED) {
      return refuse(known, "be begun anew", command.replyTo());
    }
    String current = current(known);
    if (current.isEmpty() || current.equals(known.plan().target())) {
      command.replyTo().tell(StatusReply.error("its target is the current version already"));
      return Effect().none();
    }
    return decide(
        List.of(
            new RolloutEvent.Retried(
                ports.clock().millis(), current, "an operator begins it anew")),
        known,
        command.replyTo());
  }

  private Effect<RolloutEvent, RolloutState> onGetStatus(Known known, GetStatus command) {
    if (!known.phase().over() && !timers.isTimerActive("look")) {
      begin(known);
    }
    reply(known, command.replyTo());
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onSeen(Known known, Seen command) {
    if (!known.phase().over()) {
      live.learn(known, command.status());
    }
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onLook(Known known, Look command) {
    Instant now = ports.clock().instant();
    if (!kept.plus(keep(known)).isAfter(now)) {
      kept = now;
      List<DeviceEvidence> news = live.evidence.news();
      if (!news.isEmpty()) {
        return Effect()
            .persist(new RolloutEvent.EvidenceRecorded(now.toEpochMilli(), news))
            .thenRun(this::looked);
      }
    }
    List<RolloutEvent> events = RolloutPlanner.next(known, seen(known)).events();
    return events.isEmpty()
        ? Effect().none().thenRun(this::looked)
        : Effect().persist(events).thenRun(this::looked);
  }

  /** What was measured is persisted some times in a soak, or a long one would fill the journal. */
  private Duration keep(Known known) {
    Duration part = Duration.ofMillis(known.plan().pace().leastSoakMs() / KEEPS_PER_SOAK);
    Duration most = part.compareTo(LONGEST_UNKEPT) < 0 ? part : LONGEST_UNKEPT;
    return most.compareTo(ports.keep()) < 0 ? ports.keep() : most;
  }

  private void looked(RolloutState state) {
    Known known = (Known) state;
    live.remember(known);
    publish(known);
    if (known.phase().over()) {
      unwatch();
      live.forget();
    } else {
      prepare(known);
      lookLater();
    }
  }

  private Effect<RolloutEvent, RolloutState> onTwinsMayBeTold(Known known, TwinsMayBeTold command) {
    preparing = false;
    live.obstacle = "";
    if (command.createdMs() == known.createdMs() && command.phase() == known.phase()) {
      live.talks.next(known, command.enlist()).forEach(talk -> ask(known, talk));
    }
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onVersionsFailed(Known known, VersionsFailed command) {
    preparing = false;
    if (!command.reason().equals(live.obstacle)) {
      context.getLog().warn("rollout {} cannot go on: {}", name, command.reason());
    }
    live.obstacle = command.reason();
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onTwinAnswered(Known known, TwinAnswered command) {
    if (command.createdMs() == known.createdMs()) {
      live.talks.answered(command.device(), command.enlisted(), command.failure());
    }
    return Effect().none();
  }

  /** From a start, or a restart: sees the fleet and looks around. */
  private void begin(Known known) {
    live.begin(known, ports.clock().instant());
    preparing = false;
    if (!known.phase().over()) {
      watch();
      lookLater();
    }
  }

  /** Sees every device, and filters itself: members may lose their labels. */
  private void watch() {
    unwatch();
    ActorRef<Command> self = context.getSelf();
    ActorRef<DeviceStatus> watching =
        context.spawnAnonymous(
            Behaviors.receiveMessage(
                status -> {
                  self.tell(new Seen(status));
                  return Behaviors.same();
                }));
    ports.view().tell(new FleetView.Subscribe(watching, Map.of()));
    watch = Optional.of(watching);
  }

  private void unwatch() {
    watch.ifPresent(context::stop);
    watch = Optional.empty();
  }

  private void lookLater() {
    long ms = Math.round(ports.look().toMillis() * ports.jitter().getAsDouble());
    timers.startSingleTimer("look", new Look(), Duration.ofMillis(ms));
  }

  /**
   * What twins are told next needs a permission first: of the target, or of the current version,
   * which devices would take for an older one. Who leaves goes before who follows.
   */
  private void prepare(Known known) {
    boolean leave = live.talks.pending(known, false) || known.phase() == Phase.PROMOTING;
    if (preparing || !(leave || live.talks.pending(known, true))) {
      return;
    }
    preparing = true;
    Digest target = Digest.parse(known.plan().target());
    Digest previous = Digest.parse(known.plan().previous());
    CompletionStage<Done> ready =
        known.phase() == Phase.PROMOTING
            ? ports.versions().makeCurrent(target, previous)
            : ports.versions().permit(leave ? currentOr(known, previous) : target);
    TwinsMayBeTold permitted = new TwinsMayBeTold(known.createdMs(), known.phase(), !leave);
    context.pipeToSelf(
        ready,
        (done, failure) -> failure == null ? permitted : new VersionsFailed(reason(failure)));
  }

  private Digest currentOr(Known known, Digest other) {
    String current = current(known);
    return current.isEmpty() ? other : Digest.parse(current);
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return String.valueOf(cause.getMessage());
  }

  private void ask(Known known, TwinTalks.Talk talk) {
    Digest target = Digest.parse(known.plan().target());
    String reason = known.log().isEmpty() ? "" : known.log().get(known.log().size() - 1).reason();
    context.askWithStatus(
        DeviceStatus.class,
        ports.twins().apply(talk.device()),
        TWIN_PATIENCE,
        (ActorRef<StatusReply<DeviceStatus>> replyTo) ->
            talk.enlist()
                ? new DeviceTwin.Enlist(name, target, reason, replyTo)
                : new DeviceTwin.Discharge(name, talk.back(), reason, replyTo),
        (status, failure) ->
            new TwinAnswered(
                known.createdMs(), talk.device(), talk.enlist(), Optional.ofNullable(failure)));
  }

  private Effect<RolloutEvent, RolloutState> decide(
      List<RolloutEvent> events, Known before, ActorRef<StatusReply<RolloutStatus>> replyTo) {
    if (events.isEmpty()) {
      reply(before, replyTo);
      return Effect().none();
    }
    return Effect()
        .persist(events)
        .thenRun(
            (RolloutState state) -> {
              Known known = (Known) state;
              if (known.createdMs() != before.createdMs()) {
                live.talks.restart();
                begin(known);
              }
              publish(known);
              reply(known, replyTo);
            });
  }

  private Effect<RolloutEvent, RolloutState> refuse(ActorRef<StatusReply<RolloutStatus>> replyTo) {
    replyTo.tell(StatusReply.error("there is no rollout " + name));
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> refuse(
      Known known, String what, ActorRef<StatusReply<RolloutStatus>> replyTo) {
    replyTo.tell(
        StatusReply.error("rollout %s cannot %s: it is %s".formatted(name, what, word(known))));
    return Effect().none();
  }

  private static String word(Known known) {
    return known.paused() ? "paused" : known.phase().label();
  }

  private Observations seen(Known known) {
    return live.seen(known, ports.catalogue(), ports.clock().instant());
  }

  private String current(Known known) {
    return LiveRollout.current(known, ports.catalogue());
  }

  private void reply(Known known, ActorRef<StatusReply<RolloutStatus>> replyTo) {
    replyTo.tell(StatusReply.success(RolloutStatus.of(known, seen(known), live.obstacle)));
  }

  private void publish(Known known) {
    RolloutStatus status = RolloutStatus.of(known, seen(known), live.obstacle);
    if (published.filter(status::equals).isEmpty()) {
      published = Optional.of(status);
      ports.statuses().tell(Topic.publish(status));
    }
  }
}
