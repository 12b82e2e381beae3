package dev.heirloom.actors.twin;

import dev.heirloom.actors.adaptation.ClassKey;
import dev.heirloom.actors.adaptation.ClassPrior;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.actors.prior.ClassPriors;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Ladder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
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
import org.apache.pekko.persistence.typed.javadsl.EffectBuilder;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The entity for one device, named by the device. It owns what the device shall serve and every
 * decision about that.
 *
 * <p>States: {@link TwinState.Unknown} until {@link Enrol}, then {@link TwinState.Known} until
 * {@link Remove}. Whether the device is online, its newest window and what was learnt since the
 * newest decision live in memory only. The newest stream of a device wins, unless an older one of
 * another process shows that it is alive: then the newer one is a copy, and is refused. A pinned
 * rung stands above the policy, an operator's limits above those of rules, and those above the
 * agent's.
 */
public final class DeviceTwin
    extends EventSourcedBehavior<DeviceTwin.Command, TwinEvent, TwinState> {

  /** What a twin accepts. */
  public sealed interface Command {}

  /** Makes the device known, or updates what it says of itself. */
  public record Enrol(DeviceProfile profile, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {}

  /** A stream of the device opened; {@code session} gets what the device must be told. */
  public record Connect(
      Hello hello, ActorRef<ToDevice> session, ActorRef<StatusReply<Welcome>> replyTo)
      implements Command {}

  /** An agent is behind the device's stream; the number is that of the question. */
  public record SignOfLife(long number, ActorRef<ToDevice> session) implements Command {}

  /** A stream of the device ended; nothing happens if a newer one took over. */
  public record Disconnected(ActorRef<ToDevice> session) implements Command {}

  /**
   * The device reported a window.
   *
   * @param reporter what its stream said that windows are counted beneath
   * @param replyTo the stream that brought it, which learns of it
   */
  public record ReportWindow(WindowReport window, long reporter, ActorRef<ToDevice> replyTo)
      implements Command {}

  /** The device reported a window that cannot be one; it counts as taken, or it came for ever. */
  public record SkipWindow(long sequence, long reporter, ActorRef<ToDevice> replyTo)
      implements Command {}

  /** A smaller rung of what the device shall serve serves there, while the rest arrives. */
  public record ReportOnTheWay(Digest manifest, int rung) implements Command {}

  /** The device answered a decision. */
  public record ReportOutcome(Outcome outcome) implements Command {}

  /** An operator sets limits above all others; empty gives them back to rules and agent. */
  public record SetBudget(Optional<Limits> limits, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {}

  /** The budget rules are others now. */
  public record RulesChanged(BudgetRules rules) implements Command {}

  /** An operator holds the device on a rung; 0 releases it to the policy. */
  public record PinRung(int rung, ActorRef<StatusReply<DeviceStatus>> replyTo) implements Command {}

  /** An operator lets a device try again that is in quarantine. */
  public record LiftQuarantine(ActorRef<StatusReply<DeviceStatus>> replyTo) implements Command {}

  /** An operator wants nothing more told to the device; it goes on serving. */
  public record Quarantine(String reason, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {}

  /**
   * An operator gives the device labels, or takes some away.
   *
   * @param clear names of labels that operators gave it; those not given are none
   */
  public record SetLabels(
      Map<String, String> set, Set<String> clear, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {
    public SetLabels {
      set = Map.copyOf(set);
      clear = Set.copyOf(clear);
    }
  }

  /** An operator removes the device; the answer is the last that is said of it. */
  public record Remove(String reason, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {}

  /** An operator knows why the device is flagged: what it does from now on is what counts. */
  public record LiftFlag(ActorRef<StatusReply<DeviceStatus>> replyTo) implements Command {}

  /**
   * An operator has a rung tried beside the one in service, if the device is online.
   *
   * @param rung 0 takes the next larger one
   */
  public record TryRung(int rung, TrialTerms terms, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {}

  /** The device says what a trial found. */
  public record ReportTrial(Trial trial) implements Command {}

  /** Asks for the device as it is known. */
  public record GetStatus(ActorRef<StatusReply<DeviceStatus>> replyTo) implements Command {}

  /** A family version was published; the catalogue knows it already. */
  public record FamilyPublished(PublishedFamily family) implements Command {}

  /**
   * A rollout has the device follow a version. Refused where another rollout has it, or nothing is
   * tried on it any more; told again, it changes nothing.
   */
  public record Enlist(
      String rollout, Digest manifest, String reason, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {}

  /**
   * A rollout lets the device go: it follows the current version. Changes nothing where that
   * rollout does not have it.
   *
   * @param back whether it shall leave the rollout's version
   */
  public record Discharge(
      String rollout, boolean back, String reason, ActorRef<StatusReply<DeviceStatus>> replyTo)
      implements Command {}

  private record PriorKnown(ActorRef<ToDevice> session, ClassPrior prior) implements Command {}

  private record Retry() implements Command {}

  private record NoSignOfLife(long number) implements Command {}

  /** Key of twins under cluster sharding; entity ids are device names. */
  public static final EntityTypeKey<Command> TYPE =
      EntityTypeKey.create(Command.class, "DeviceTwin");

  private static final Duration PRIOR_TIMEOUT = Duration.ofSeconds(1);
  private static final int EVENTS_PER_SNAPSHOT = 20;

  /** Shorter than callers wait for the answer to {@link Connect}. */
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(8);

  private static final String CONTEST = "contest";

  /**
   * What the control plane itself has tried: little, and no longer than until it may do so again.
   */
  private static final TrialTerms TRIAL = new TrialTerms(0.1, 200, Duration.ofMinutes(10));

  /**
   * Creates a twin.
   *
   * @param id its entity id is the device's name
   * @param ports what it is given
   */
  public static Behavior<Command> create(PersistenceId id, TwinPorts ports) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new DeviceTwin(id, context, timers, ports)));
  }

  /**
   * Starts the shards of twins on this node. Twins are not remembered, because devices reconnect,
   * and not passivated, because an online twin holds its device's stream.
   */
  public static void init(
      ClusterSharding sharding, ClusterShardingSettings settings, TwinPorts ports) {
    sharding.init(
        Entity.of(
                TYPE, entity -> create(PersistenceId.of(TYPE.name(), entity.getEntityId()), ports))
            .withSettings(settings.withNoPassivationStrategy().withRememberEntities(false)));
  }

  private final String name;
  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final TwinPorts ports;
  private final TwinPlanner planner;
  private final Contest contest = new Contest();
  private LiveDevice live = new LiveDevice();

  private DeviceTwin(
      PersistenceId id,
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      TwinPorts ports) {
    super(
        id,
        SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2));
    this.name = id.entityId();
    this.context = context;
    this.timers = timers;
    this.ports = ports;
    this.planner = new TwinPlanner(ports.catalogue(), ports.policy(), ports.clock());
  }

  @Override
  public TwinState emptyState() {
    return new TwinState.Unknown();
  }

  @Override
  public CommandHandler<Command, TwinEvent, TwinState> commandHandler() {
    var builder = newCommandHandlerBuilder();
    builder
        .forStateType(TwinState.Unknown.class)
        .onCommand(Enrol.class, this::onFirstEnrol)
        .onCommand(Connect.class, command -> refuse(command.replyTo()))
        .onCommand(SetBudget.class, command -> refuse(command.replyTo()))
        .onCommand(PinRung.class, command -> refuse(command.replyTo()))
        .onCommand(LiftQuarantine.class, command -> refuse(command.replyTo()))
        .onCommand(Quarantine.class, command -> refuse(command.replyTo()))
        .onCommand(SetLabels.class, command -> refuse(command.replyTo()))
        .onCommand(Remove.class, command -> refuse(command.replyTo()))
        .onCommand(LiftFlag.class, command -> refuse(command.replyTo()))
        .onCommand(TryRung.class, command -> refuse(command.replyTo()))
        .onCommand(GetStatus.class, command -> refuse(command.replyTo()))
        .onCommand(Enlist.class, command -> refuse(command.replyTo()))
        .onCommand(Discharge.class, command -> refuse(command.replyTo()))
        .onAnyCommand(() -> Effect().none());
    builder
        .forStateType(TwinState.Known.class)
        .onCommand(Enrol.class, this::onEnrol)
        .onCommand(Connect.class, this::onConnect)
        .onCommand(SignOfLife.class, this::onSignOfLife)
        .onCommand(Disconnected.class, this::onDisconnected)
        .onCommand(ReportWindow.class, this::onReportWindow)
        .onCommand(SkipWindow.class, this::onSkipWindow)
        .onCommand(ReportOnTheWay.class, this::onReportOnTheWay)
        .onCommand(ReportOutcome.class, this::onReportOutcome)
        .onCommand(SetBudget.class, this::onSetBudget)
        .onCommand(RulesChanged.class, this::onRulesChanged)
        .onCommand(PinRung.class, this::onPinRung)
        .onCommand(LiftQuarantine.class, this::onLiftQuarantine)
        .onCommand(Quarantine.class, this::onQuarantine)
        .onCommand(SetLabels.class, this::onSetLabels)
        .onCommand(Remove.class, this::onRemove)
        .onCommand(LiftFlag.class, this::onLiftFlag)
        .onCommand(TryRung.class, this::onTryRung)
        .onCommand(ReportTrial.class, this::onReportTrial)
        .onCommand(GetStatus.class, this::onGetStatus)
        .onCommand(FamilyPublished.class, this::onFamilyPublished)
        .onCommand(Enlist.class, this::onEnlist)
        .onCommand(Discharge.class, this::onDischarge)
        .onCommand(PriorKnown.class, this::onPriorKnown)
        .onCommand(Retry.class, this::onRetry)
        .onCommand(NoSignOfLife.class, this::onNoSignOfLife);
    return builder.build();
  }

  @Override
  public EventHandler<TwinState, TwinEvent> eventHandler() {
    var builder = newEventHandlerBuilder();
    builder
        .forStateType(TwinState.Unknown.class)
        .onEvent(TwinEvent.Enrolled.class, TwinState.Known::of);
    builder
        .forStateType(TwinState.Known.class)
        .onEvent(TwinEvent.ProfileChanged.class, TwinState.Known::on)
        .onEvent(TwinEvent.BudgetSet.class, TwinState.Known::on)
        .onEvent(TwinEvent.LimitsSet.class, TwinState.Known::on)
        .onEvent(TwinEvent.RulesMatched.class, TwinState.Known::on)
        .onEvent(TwinEvent.BudgetReleased.class, TwinState.Known::on)
        .onEvent(TwinEvent.Pinned.class, TwinState.Known::on)
        .onEvent(TwinEvent.Unpinned.class, TwinState.Known::on)
        .onEvent(TwinEvent.QuarantineLifted.class, TwinState.Known::on)
        .onEvent(TwinEvent.Quarantined.class, TwinState.Known::on)
        .onEvent(TwinEvent.LabelsSet.class, TwinState.Known::on)
        .onEvent(TwinEvent.Removed.class, TwinState.Known::on)
        .onEvent(TwinEvent.Assigned.class, TwinState.Known::on)
        .onEvent(TwinEvent.Promoted.class, TwinState.Known::on)
        .onEvent(TwinEvent.Demoted.class, TwinState.Known::on)
        .onEvent(TwinEvent.BudgetUnmet.class, TwinState.Known::on)
        .onEvent(TwinEvent.RolledBack.class, TwinState.Known::on)
        .onEvent(TwinEvent.Flagged.class, TwinState.Known::on)
        .onEvent(TwinEvent.FlagLifted.class, TwinState.Known::on)
        .onEvent(TwinEvent.Enlisted.class, TwinState.Known::on)
        .onEvent(TwinEvent.Discharged.class, TwinState.Known::on)
        .onEvent(TwinEvent.OutcomeRecorded.class, TwinState.Known::on);
    return builder.build();
  }

  @Override
  public SignalHandler<TwinState> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .onSignal(
            PostStop.instance(),
            state -> live.session().ifPresent(s -> s.tell(new ToDevice.TwinStopped())))
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(EVENTS_PER_SNAPSHOT, 2);
  }

  private void onRecovered(TwinState state) {
    if (state instanceof TwinState.Known known) {
      live.recovered(known);
    }
  }

  private Effect<TwinEvent, TwinState> onFirstEnrol(TwinState.Unknown state, Enrol command) {
    List<TwinEvent> events = planner.enrolled(command.profile(), ports.rules().get());
    return Effect()
        .persist(events)
        .thenRun(
            (TwinState.Known known) -> {
              live.recovered(known);
              publish(known);
              reply(known, command.replyTo());
            });
  }

  private Effect<TwinEvent, TwinState> onEnrol(TwinState.Known known, Enrol command) {
    live.heard(now());
    List<TwinEvent> events = new ArrayList<>();
    if (!command.profile().equals(known.profile())) {
      events.add(
          new TwinEvent.ProfileChanged(
              ports.clock().millis(), command.profile(), known.wantedFamily()));
    }
    events.addAll(planner.matched(known, command.profile(), ports.rules().get()));
    Budget before = known.budgets().inForce();
    return commit(
        known,
        events,
        after -> {
          if (!before.equals(after.budgets().inForce())) {
            live.termsChanged = true;
            live.session().ifPresent(s -> s.tell(budgetInForce(after)));
            askPrior(after);
          }
          reply(after, command.replyTo());
        });
  }

  private Effect<TwinEvent, TwinState> onConnect(TwinState.Known known, Connect command) {
    if (live.contradicts(command.hello())) {
      return onContradiction(known, command);
    }
    // A process that connects again is alive.
    contest.end().ifPresent(this::refuseCopy);
    return taken(known, command, false);
  }

  /** Two processes under one name: the older one may be gone without its stream having ended. */
  private Effect<TwinEvent, TwinState> onContradiction(TwinState.Known known, Connect command) {
    if (!contest.open()) {
      long question = contest.begin(command);
      live.session().ifPresent(older -> older.tell(new ToDevice.ShowSignOfLife(question)));
      timers.startSingleTimer(CONTEST, new NoSignOfLife(question), SIGN_OF_LIFE);
      return Effect().none();
    }
    if (contest.isInstance(command.hello().instance())) {
      contest.replace(command);
      return Effect().none();
    }
    refuseCopy(command);
    return commit(known, List.of(), after -> {});
  }

  private Effect<TwinEvent, TwinState> onSignOfLife(TwinState.Known known, SignOfLife command) {
    live.heard(now());
    if (!live.isSession(command.session()) || !contest.asks(command.number())) {
      return Effect().none();
    }
    timers.cancel(CONTEST);
    contest.end().ifPresent(this::refuseCopy);
    return commit(known, List.of(), after -> {});
  }

  private Effect<TwinEvent, TwinState> onNoSignOfLife(TwinState.Known known, NoSignOfLife command) {
    if (!contest.asks(command.number())) {
      return Effect().none();
    }
    return taken(known, contest.end().orElseThrow(), true);
  }

  private void refuseCopy(Connect newer) {
    live.copyRefused(now());
    String reason =
        "device %s is connected from another process, which is alive: its state directory was"
            + " copied, or its name is used twice; this one needs a name and an enrolment of its"
            + " own";
    newer.replyTo().tell(StatusReply.success(new Welcome.Copy(reason.formatted(name))));
  }

  private Effect<TwinEvent, TwinState> taken(
      TwinState.Known known, Connect command, boolean tookOver) {
    timers.cancel(CONTEST);
    takeOver(command.session());
    Hello hello = command.hello();
    live.opened(
        command.session(), Serving.of(hello.servingManifest(), hello.servingRung()), hello, now());
    Budget before = known.budgets().inForce();
    return commit(
        known,
        planner.hello(known, hello, ports.rules().get()),
        after -> {
          live.termsChanged |=
              !before.equals(after.budgets().inForce()) || !after.profile().equals(known.profile());
          command.replyTo().tell(StatusReply.success(new Welcome.Taken(tookOver)));
          command.session().tell(budgetInForce(after));
          command.session().tell(new ToDevice.WindowsTaken(live.windowsTaken(), Optional.empty()));
          askPrior(after);
        });
  }

  private Effect<TwinEvent, TwinState> onDisconnected(TwinState.Known known, Disconnected command) {
    if (contest.isSession(command.session())) {
      timers.cancel(CONTEST);
      contest.end();
    }
    if (!live.isSession(command.session())) {
      return Effect().none();
    }
    context.unwatch(command.session());
    live.closed(now());
    Optional<Connect> newer = contest.end();
    return newer.isPresent()
        ? taken(known, newer.get(), false)
        : commit(known, List.of(), after -> {});
  }

  private Effect<TwinEvent, TwinState> onReportWindow(TwinState.Known known, ReportWindow command) {
    if (!live.countsBeneath(command.reporter())) {
      // Of a stream that another one replaced: the device sends it again over that.
      return Effect().none();
    }
    if (!live.accept(command.window(), now())) {
      command.replyTo().tell(new ToDevice.WindowsTaken(live.windowsTaken(), Optional.empty()));
      return Effect().none();
    }
    int measured = live.policy.speed().windows();
    List<TwinEvent> events = planner.window(known, live, command.window());
    if (live.policy.speed().windows() > measured && planner.teachesClass(known)) {
      ClassKey key = ClassKey.of(known.profile());
      ports
          .priors()
          .tell(
              new ClassPriors.Observe(
                  key, known.desired().family(), name, live.policy.speed().logRatio()));
    }
    ToDevice taken = new ToDevice.WindowsTaken(live.windowsTaken(), Optional.of(command.window()));
    return commit(
        known,
        events,
        after -> {
          command.replyTo().tell(taken);
          tryIfInDoubt(after, command.window());
        });
  }

  private Effect<TwinEvent, TwinState> onSkipWindow(TwinState.Known known, SkipWindow command) {
    if (live.countsBeneath(command.reporter())) {
      live.skip(command.sequence());
      command.replyTo().tell(new ToDevice.WindowsTaken(live.windowsTaken(), Optional.empty()));
    }
    return Effect().none();
  }

  private Effect<TwinEvent, TwinState> onReportOnTheWay(
      TwinState.Known known, ReportOnTheWay command) {
    live.heard(now());
    if (!command.manifest().hex().equals(known.desired().manifest())) {
      return Effect().none();
    }
    live.reported = Serving.of(Optional.of(command.manifest()), command.rung());
    return commit(known, List.of(), after -> {});
  }

  private Effect<TwinEvent, TwinState> onReportOutcome(
      TwinState.Known known, ReportOutcome command) {
    live.heard(now());
    OutcomeEntry outcome = OutcomeEntry.of(command.outcome());
    if (!expected(known, outcome)) {
      return Effect().none();
    }
    List<TwinEvent> events = new ArrayList<>();
    events.add(new TwinEvent.OutcomeRecorded(ports.clock().millis(), outcome));
    if (outcome.installed()) {
      live.reported = new Serving(outcome.manifest(), outcome.rung());
    } else if (outcome.decision() == known.desired().decision()) {
      events.add(planner.rollBack(known, live, outcome));
    }
    return commit(known, events, after -> retryLater(known, after));
  }

  private Effect<TwinEvent, TwinState> onSetBudget(TwinState.Known known, SetBudget command) {
    long atMs = ports.clock().millis();
    List<TwinEvent> events = new ArrayList<>();
    command.limits().ifPresent(limits -> events.add(new TwinEvent.LimitsSet(atMs, limits)));
    if (command.limits().isEmpty() && known.budgets().setByOperator()) {
      events.add(new TwinEvent.BudgetReleased(atMs));
    }
    Budgets next = command.limits().map(known.budgets()::with).orElseGet(known.budgets()::released);
    return budgetsChanged(known, events, next, after -> reply(after, command.replyTo()));
  }

  private Effect<TwinEvent, TwinState> onRulesChanged(TwinState.Known known, RulesChanged command) {
    // The node of the twin may know newer ones than the node that told it, and the other way round.
    BudgetRules rules = command.rules().newer(ports.rules().get());
    List<TwinEvent> events = planner.matched(known, known.profile(), rules);
    if (events.isEmpty()) {
      return Effect().none();
    }
    Budgets next = known.budgets().with(rules.matching(known.labels(known.profile())));
    return budgetsChanged(known, events, next, after -> {});
  }

  private Effect<TwinEvent, TwinState> budgetsChanged(
      TwinState.Known known, List<TwinEvent> events, Budgets next, Consumer<TwinState.Known> then) {
    List<TwinEvent> all = new ArrayList<>(events);
    if (!next.inForce().equals(known.budgets().inForce())) {
      live.termsChanged = true;
      all.addAll(planner.adjust(known, next.inForce(), known.pinnedRung(), live));
    }
    return commit(
        known,
        all,
        after -> {
          live.session().ifPresent(s -> s.tell(budgetInForce(after)));
          then.accept(after);
        });
  }

  private Effect<TwinEvent, TwinState> onPinRung(TwinState.Known known, PinRung command) {
    int rungs = planner.ladder(known).map(Ladder::size).orElse(0);
    if (command.rung() < 0 || command.rung() > rungs) {
      String range = rungs == 0 ? "0, as the device has no family yet" : "0.." + rungs;
      command
          .replyTo()
          .tell(StatusReply.error("rung: " + command.rung() + " (expected: " + range + ")"));
      return Effect().none();
    }
    if (command.rung() > 0 && known.instructions().quarantined()) {
      command
          .replyTo()
          .tell(StatusReply.error("device " + name + " is in quarantine: lift it first"));
      return Effect().none();
    }
    long atMs = ports.clock().millis();
    List<TwinEvent> events = new ArrayList<>();
    if (command.rung() != known.pinnedRung()) {
      events.add(
          command.rung() == 0
              ? new TwinEvent.Unpinned(atMs)
              : new TwinEvent.Pinned(atMs, command.rung()));
      live.termsChanged = true;
      events.addAll(planner.adjust(known, known.budgets().inForce(), command.rung(), live));
    }
    return commit(known, events, after -> reply(after, command.replyTo()));
  }

  private Effect<TwinEvent, TwinState> onLiftQuarantine(
      TwinState.Known known, LiftQuarantine command) {
    List<TwinEvent> events =
        known.quarantine().isEmpty()
            ? List.of()
            : List.of(new TwinEvent.QuarantineLifted(ports.clock().millis()));
    live.termsChanged |= !events.isEmpty();
    live.copySeen();
    return commit(
        known,
        events,
        after -> {
          if (!events.isEmpty()) {
            askPrior(after);
          }
          reply(after, command.replyTo());
        });
  }

  private Effect<TwinEvent, TwinState> onQuarantine(TwinState.Known known, Quarantine command) {
    List<TwinEvent> events =
        known.instructions().quarantine().equals(command.reason())
            ? List.of()
            : List.of(new TwinEvent.Quarantined(ports.clock().millis(), command.reason()));
    return commit(known, events, after -> reply(after, command.replyTo()));
  }

  private Effect<TwinEvent, TwinState> onSetLabels(TwinState.Known known, SetLabels command) {
    Map<String, String> labels = known.instructions().labels(command.set(), command.clear());
    if (labels.size() > Instructions.MOST_LABELS) {
      String most = "labels: %d (expected: at most %d)";
      command
          .replyTo()
          .tell(StatusReply.error(most.formatted(labels.size(), Instructions.MOST_LABELS)));
      return Effect().none();
    }
    List<TwinEvent> events = new ArrayList<>();
    TwinEvent.LabelsSet set = new TwinEvent.LabelsSet(ports.clock().millis(), labels);
    if (!labels.equals(known.instructions().labels())) {
      events.add(set);
    }
    TwinState.Known labelled = known.on(set);
    BudgetRules rules = ports.rules().get();
    events.addAll(planner.matched(labelled, known.profile(), rules));
    Budgets next = known.budgets().with(rules.matching(labelled.labels(known.profile())));
    return budgetsChanged(known, events, next, after -> reply(after, command.replyTo()));
  }

  /** The device has no twin any more, but its journal stays. */
  private Effect<TwinEvent, TwinState> onRemove(TwinState.Known known, Remove command) {
    return Effect()
        .persist(new TwinEvent.Removed(ports.clock().millis(), command.reason()))
        .thenRun(
            (TwinState unknown) -> {
              live.session()
                  .ifPresent(
                      session -> {
                        context.unwatch(session);
                        session.tell(new ToDevice.Removed(command.reason()));
                      });
              DeviceStatus last = status(known).gone();
              live = new LiveDevice();
              contest.end().ifPresent(newer -> refuse(newer.replyTo()));
              timers.cancelAll();
              ports.statuses().tell(Topic.publish(last));
              command.replyTo().tell(StatusReply.success(last));
            });
  }

  private Effect<TwinEvent, TwinState> onLiftFlag(TwinState.Known known, LiftFlag command) {
    List<TwinEvent> events =
        known.flag().isEmpty()
            ? List.of()
            : List.of(new TwinEvent.FlagLifted(ports.clock().millis(), "an operator lifted it"));
    if (!events.isEmpty()) {
      live.accuracy.restart();
    }
    live.copySeen();
    return commit(known, events, after -> reply(after, command.replyTo()));
  }

  private Effect<TwinEvent, TwinState> onTryRung(TwinState.Known known, TryRung command) {
    int rungs = planner.ladder(known).map(Ladder::size).orElse(0);
    int rung = command.rung() == 0 ? known.desired().rung() + 1 : command.rung();
    if (known.instructions().quarantined()) {
      command
          .replyTo()
          .tell(StatusReply.error("device " + name + " is in quarantine: lift it first"));
    } else if (live.session().isEmpty() || live.reported.nothing()) {
      command
          .replyTo()
          .tell(StatusReply.error("device " + name + " is not online, or serves nothing"));
    } else if (rung < 1 || rung > rungs || rung == live.reported.rung()) {
      command
          .replyTo()
          .tell(
              StatusReply.error(
                  "rung: %d (expected: another than %d, 1..%d)"
                      .formatted(rung, live.reported.rung(), rungs)));
    } else {
      live.accuracy.nextTrialIn(AccuracyPlanner.BETWEEN_TRIALS * ports.jitter().getAsDouble());
      live.session().get().tell(live.trial(known.desired(), rung, command.terms()));
      reply(known, command.replyTo());
    }
    return Effect().none();
  }

  private Effect<TwinEvent, TwinState> onReportTrial(TwinState.Known known, ReportTrial command) {
    live.heard(now());
    if (!live.found(command.trial())) {
      return Effect().none();
    }
    return commit(known, List.of(), after -> {});
  }

  private Effect<TwinEvent, TwinState> onGetStatus(TwinState.Known known, GetStatus command) {
    reply(known, command.replyTo());
    return Effect().none();
  }

  private Effect<TwinEvent, TwinState> onFamilyPublished(
      TwinState.Known known, FamilyPublished command) {
    String followed = known.followedFamily();
    if (followed.isEmpty() || followed.equals(command.family().name())) {
      askPrior(known);
    }
    return Effect().none();
  }

  private Effect<TwinEvent, TwinState> onEnlist(TwinState.Known known, Enlist command) {
    Optional<String> refusal = planner.refusal(known, command.rollout(), command.manifest());
    if (refusal.isPresent()) {
      command.replyTo().tell(StatusReply.error("device " + name + ": " + refusal.get()));
      return Effect().none();
    }
    return follow(
        known,
        planner.enlist(known, command.rollout(), command.manifest(), command.reason()),
        command.replyTo());
  }

  private Effect<TwinEvent, TwinState> onDischarge(TwinState.Known known, Discharge command) {
    boolean held =
        known.enlistment().filter(p -> p.rollout().equals(command.rollout())).isPresent();
    return follow(
        known,
        held
            ? List.of(
                new TwinEvent.Discharged(
                    ports.clock().millis(), command.rollout(), command.back(), command.reason()))
            : List.of(),
        command.replyTo());
  }

  private Effect<TwinEvent, TwinState> follow(
      TwinState.Known known, List<TwinEvent> events, ActorRef<StatusReply<DeviceStatus>> replyTo) {
    if (events.isEmpty()) {
      reply(known, replyTo);
      return Effect().none();
    }
    return commit(
        known,
        events,
        after -> {
          askPrior(after);
          reply(after, replyTo);
        });
  }

  private Effect<TwinEvent, TwinState> onPriorKnown(TwinState.Known known, PriorKnown command) {
    if (!live.isSession(command.session())) {
      return Effect().none();
    }
    live.prior = command.prior();
    return commit(
        known,
        planner.settle(known, live),
        after -> {
          if (!after.desired().none()
              && !after.desired().serving().equals(live.reported)
              && !after.instructions().quarantined()) {
            live.tell(after.desired());
          }
        });
  }

  private Effect<TwinEvent, TwinState> onRetry(TwinState.Known known, Retry command) {
    askPrior(known);
    return Effect().none();
  }

  /** Labels are few and the floor is in doubt: what a larger rung makes of the same is asked. */
  private void tryIfInDoubt(TwinState.Known known, WindowReport window) {
    if (live.session().isEmpty() || window.late() || window.labelled() == 0) {
      return;
    }
    planner
        .toTry(known, live)
        .ifPresent(
            rung -> {
              live.accuracy.nextTrialIn(
                  AccuracyPlanner.BETWEEN_TRIALS * ports.jitter().getAsDouble());
              live.session().get().tell(live.trial(known.desired(), rung, TRIAL));
            });
  }

  /** Persists, then lets the device, the fleet and {@code then} know. */
  private Effect<TwinEvent, TwinState> commit(
      TwinState.Known before, List<TwinEvent> events, Consumer<TwinState.Known> then) {
    EffectBuilder<TwinEvent, TwinState> effect =
        events.isEmpty() ? Effect().none() : Effect().persist(events);
    return effect.thenRun(
        (TwinState.Known after) -> {
          if (after.log().last() > before.log().last()
              || !after.desired().equals(before.desired())) {
            live.policy = after.policy();
          }
          if (after.desired().decision() > before.desired().decision()) {
            live.tell(after.desired());
          }
          then.accept(after);
          publish(after);
        });
  }

  private void takeOver(ActorRef<ToDevice> session) {
    live.session()
        .filter(older -> !older.equals(session))
        .ifPresent(
            older -> {
              context.unwatch(older);
              older.tell(new ToDevice.Replaced());
            });
    context.unwatch(session);
    context.watchWith(session, new Disconnected(session));
  }

  /** The prior comes first, so that a first assignment need not wait for windows. */
  private void askPrior(TwinState.Known known) {
    live.session()
        .ifPresent(
            session ->
                context.ask(
                    ClassPrior.class,
                    ports.priors(),
                    PRIOR_TIMEOUT,
                    replyTo ->
                        new ClassPriors.GetPrior(
                            ClassKey.of(known.profile()), planner.nextFamily(known), replyTo),
                    (prior, failure) ->
                        new PriorKnown(session, prior == null ? ClassPrior.NONE : prior)));
  }

  private boolean expected(TwinState.Known known, OutcomeEntry outcome) {
    return known
        .log()
        .find(outcome.decision())
        .filter(entry -> entry.outcomes().isEmpty() || live.awaits(entry.number()))
        .filter(entry -> !entry.outcomes().contains(outcome))
        .isPresent();
  }

  private void retryLater(TwinState.Known before, TwinState.Known after) {
    int failures = after.failures().count(before.desired().serving());
    if (failures > before.failures().count(before.desired().serving()) && planner.pending(after)) {
      double factor = ports.jitter().getAsDouble() * (1L << Math.min(failures - 1, 10));
      long delayMs = Math.round(ports.retryDelay().toMillis() * factor);
      timers.startSingleTimer("retry", new Retry(), Duration.ofMillis(delayMs));
    }
  }

  private Effect<TwinEvent, TwinState> refuse(ActorRef<? extends StatusReply<?>> replyTo) {
    replyTo.<StatusReply<Object>>unsafeUpcast().tell(unknown());
    return Effect().none();
  }

  private StatusReply<Object> unknown() {
    return StatusReply.error("device " + name + " is not enrolled");
  }

  private static ToDevice budgetInForce(TwinState.Known known) {
    return new ToDevice.BudgetInForce(known.budgets().inForce());
  }

  private void reply(TwinState.Known known, ActorRef<StatusReply<DeviceStatus>> replyTo) {
    replyTo.tell(StatusReply.success(status(known)));
  }

  private void publish(TwinState.Known known) {
    ports.statuses().tell(Topic.publish(status(known)));
  }

  private DeviceStatus status(TwinState.Known known) {
    return live.status(name, known, planner.ladder(known));
  }

  private Instant now() {
    return ports.clock().instant();
  }
}
