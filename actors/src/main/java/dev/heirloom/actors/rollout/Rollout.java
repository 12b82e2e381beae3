package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.rollout.RolloutState.Known;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.runtime.family.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
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

  private record TwinsMayBeTold() implements Command {}

  private record VersionsFailed(String reason) implements Command {}

  private record TwinAnswered(String device, boolean enlisted, Optional<Throwable> failure)
      implements Command {}

  /** Key of rollouts under cluster sharding; entity ids are their names. */
  public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "Rollout");

  private static final Duration TWIN_PATIENCE = Duration.ofSeconds(10);
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
  private final ActorRef<DeviceStatus> sights;
  private final LiveEvidence evidence = new LiveEvidence();
  private final TwinTalks talks = new TwinTalks();
  private final Map<String, Sight> devices = new HashMap<>();
  private final Map<String, Member> members = new HashMap<>();
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
    this.sights = context.messageAdapter(DeviceStatus.class, Seen::new);
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
    builder
        .forStateType(RolloutState.Unknown.class)
        .onEvent(RolloutEvent.Created.class, Known::of);
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
    return RetentionCriteria.snapshotEvery(EVENTS_PER_SNAPSHOT, 2);
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
            ? List.of(
                new RolloutEvent.Resumed(ports.clock().millis(), "an operator lets it go on"))
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
        List.of(
            new RolloutEvent.Turned(ports.clock().millis(), true, "an operator gave it up")),
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
    reply(known, command.replyTo());
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onSeen(Known known, Seen command) {
    DeviceStatus status = command.status();
    if (known.phase().over()) {
      return Effect().none();
    }
    devices.put(status.name(), Sight.of(status));
    Member member = members.get(status.name());
    if (member != null) {
      evidence.learn(known, member, status);
    }
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onLook(Known known, Look command) {
    Instant now = ports.clock().instant();
    if (!kept.plus(ports.keep()).isAfter(now)) {
      kept = now;
      List<DeviceEvidence> news = evidence.news();
      if (!news.isEmpty()) {
        return Effect()
            .persist(new RolloutEvent.EvidenceRecorded(now.toEpochMilli(), news))
            .thenRun(this::looked);
      }
    }
    List<RolloutEvent> events = RolloutPlanner.next(known, seen(known), now);
    return events.isEmpty()
        ? Effect().none().thenRun(this::looked)
        : Effect().persist(events).thenRun(this::looked);
  }

  private void looked(RolloutState state) {
    Known known = (Known) state;
    remember(known);
    publish(known);
    if (known.phase().over()) {
      devices.clear();
      evidence.forget();
    } else {
      prepare(known);
      lookLater();
    }
  }

  private Effect<RolloutEvent, RolloutState> onTwinsMayBeTold(
      Known known, TwinsMayBeTold command) {
    preparing = false;
    talks.next(known).forEach(talk -> ask(known, talk));
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onVersionsFailed(
      Known known, VersionsFailed command) {
    preparing = false;
    context.getLog().warn("rollout {} waits: {}", name, command.reason());
    return Effect().none();
  }

  private Effect<RolloutEvent, RolloutState> onTwinAnswered(Known known, TwinAnswered command) {
    talks.answered(command.device(), command.enlisted(), command.failure());
    return Effect().none();
  }

  /** From a start, or a restart: sees the fleet and looks around. */
  private void begin(Known known) {
    remember(known);
    evidence.restart(known);
    if (known.phase().over()) {
      return;
    }
    ports.view().tell(new FleetView.Subscribe(sights, known.plan().selector()));
    lookLater();
  }

  private void lookLater() {
    long ms = Math.round(ports.look().toMillis() * ports.jitter().getAsDouble());
    timers.startSingleTimer("look", new Look(), Duration.ofMillis(ms));
  }

  private void remember(Known known) {
    if (members.size() != known.members().size()) {
      known.members().forEach(member -> members.put(member.name(), member));
    }
  }

  /** What twins are told next needs a permission first: of the target, or to go back. */
  private void prepare(Known known) {
    if (preparing || !(talks.pending(known) || known.phase() == Phase.PROMOTING)) {
      return;
    }
    preparing = true;
    Digest target = Digest.parse(known.plan().target());
    CompletionStage<Done> ready =
        switch (known.phase()) {
          case PROMOTING -> ports.versions().makeCurrent(target);
          case RETURNING -> ports.versions().permit(Digest.parse(current(known)));
          default -> ports.versions().permit(target);
        };
    context.pipeToSelf(
        ready,
        (done, failure) ->
            failure == null
                ? new TwinsMayBeTold()
                : new VersionsFailed(String.valueOf(failure.getMessage())));
  }

  private void ask(Known known, TwinTalks.Talk talk) {
    Digest target = Digest.parse(known.plan().target());
    String reason =
        known.log().isEmpty() ? "" : known.log().get(known.log().size() - 1).reason();
    context.askWithStatus(
        DeviceStatus.class,
        ports.twins().apply(talk.device()),
        TWIN_PATIENCE,
        (ActorRef<StatusReply<DeviceStatus>> replyTo) ->
            talk.enlist()
                ? new DeviceTwin.Enlist(name, target, reason, replyTo)
                : new DeviceTwin.Discharge(name, talk.back(), reason, replyTo),
        (status, failure) ->
            new TwinAnswered(talk.device(), talk.enlist(), Optional.ofNullable(failure)));
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
                talks.restart();
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
    return new Observations(
        devices,
        talks.refusals(),
        talks.released(),
        current(known),
        ports
            .catalogue()
            .find(Digest.parse(known.plan().target()))
            .map(PublishedFamily::ladder));
  }

  private String current(Known known) {
    return ports
        .catalogue()
        .current(known.plan().family())
        .map(family -> family.manifest().hex())
        .orElse("");
  }

  private void reply(Known known, ActorRef<StatusReply<RolloutStatus>> replyTo) {
    replyTo.tell(StatusReply.success(RolloutStatus.of(known, seen(known))));
  }

  private void publish(Known known) {
    RolloutStatus status = RolloutStatus.of(known, seen(known));
    if (published.filter(status::equals).isEmpty()) {
      published = Optional.of(status);
      ports.statuses().tell(Topic.publish(status));
    }
  }
}
