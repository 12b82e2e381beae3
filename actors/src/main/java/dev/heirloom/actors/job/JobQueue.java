package dev.heirloom.actors.job;

import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
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
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
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
 * The one entity that owns the fleet's jobs. A job waits in the queue until a trainer takes it;
 * from then on the trainer has a lease, which each of its reports renews. A job whose lease is over
 * goes back into the queue, and only the newest attempt may report and publish. Every change is an
 * event; reports are not. What changes is told to a topic that each node follows.
 */
public final class JobQueue extends EventSourcedBehavior<JobQueue.Command, JobEvent, Jobs> {

  /** What the queue accepts. */
  public sealed interface Command {}

  /** Puts a job into the queue. */
  public record Submit(JobSpec spec, int priority, int attempts, ActorRef<StatusReply<Job>> replyTo)
      implements Command {}

  /** Ends a job that has not ended. */
  public record Cancel(String id, String reason, ActorRef<StatusReply<Job>> replyTo)
      implements Command {}

  /** Puts a job that failed or was cancelled into the queue again. */
  public record Retry(String id, ActorRef<StatusReply<Job>> replyTo) implements Command {}

  /** Changes a job's place in the queue. */
  public record Prioritise(String id, int priority, ActorRef<StatusReply<Job>> replyTo)
      implements Command {}

  /** Asks for a job; answered once there is one, never where the asker stops before. */
  public record Take(String trainer, ActorRef<Job> replyTo) implements Command {}

  /** Says how far an attempt is. */
  public record Report(Lease lease, JobProgress progress, ActorRef<Standing> replyTo)
      implements Command {}

  /** Says that an attempt ended without a family. */
  public record End(Lease lease, Outcome outcome, String reason, ActorRef<Standing> replyTo)
      implements Command {}

  /** Asks whether an attempt may publish a manifest. */
  public record Permit(Lease lease, String manifest, ActorRef<Standing> replyTo)
      implements Command {}

  /** Says that what an attempt made is published. */
  public record Publish(Lease lease, String family, String manifest, ActorRef<Standing> replyTo)
      implements Command {}

  /** Asks for every job. */
  public record GetBoard(ActorRef<StatusReply<JobBoard>> replyTo) implements Command {}

  private record Gone(String trainer, ActorRef<Job> waiting) implements Command {}

  private record Match() implements Command {}

  private record Tick() implements Command {}

  /** How an attempt ended without a family. */
  public enum Outcome {
    /** The trainer was asked to stop. */
    RELEASED,
    /** Something failed that may succeed another time. */
    FAILED,
    /** It will fail every time. */
    REFUSED
  }

  /** Key of the queue under cluster sharding. */
  public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "JobQueue");

  /** A trainer that is not heard of for so long has lost its job. */
  public static final Duration LEASE = Duration.ofSeconds(60);

  /** A trainer that does nothing for so long, although it is heard of, has lost its job too. */
  public static final Duration PATIENCE = Duration.ofHours(1);

  private static final String ENTITY = "fleet";
  private static final int EVENTS_PER_SNAPSHOT = 100;
  private static final Duration TICK = Duration.ofSeconds(1);

  /**
   * Creates the queue.
   *
   * @param changes topic that every change is published to
   * @param clock the control plane's clock
   * @param nanoTime what leases are measured by; never set
   * @param jitter factor of every delay
   * @param keys of leases; nobody can guess the next
   */
  public static Behavior<Command> create(
      PersistenceId id,
      ActorRef<Topic.Command<JobBoard>> changes,
      Clock clock,
      LongSupplier nanoTime,
      DoubleSupplier jitter,
      Supplier<String> keys) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new JobQueue(id, context, timers, changes, clock, nanoTime, jitter, keys)));
  }

  /** Makes the queue known on this node. */
  public static EntityRef<Command> init(
      ClusterSharding sharding,
      ClusterShardingSettings settings,
      ActorRef<Topic.Command<JobBoard>> changes,
      Clock clock,
      LongSupplier nanoTime,
      DoubleSupplier jitter,
      Supplier<String> keys) {
    sharding.init(
        Entity.of(
                TYPE,
                entity ->
                    create(
                        PersistenceId.of(TYPE.name(), entity.getEntityId()),
                        changes,
                        clock,
                        nanoTime,
                        jitter,
                        keys))
            .withSettings(settings.withNoPassivationStrategy().withRememberEntities(false)));
    return sharding.entityRefFor(TYPE, ENTITY);
  }

  private final ActorContext<Command> context;
  private final TimerScheduler<Command> timers;
  private final ActorRef<Topic.Command<JobBoard>> changes;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final DoubleSupplier jitter;
  private final Supplier<String> keys;
  private final Leases leases = new Leases(LEASE, PATIENCE);
  private final Map<String, ActorRef<Job>> waiting = new LinkedHashMap<>();
  private long version;

  private JobQueue(
      PersistenceId id,
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ActorRef<Topic.Command<JobBoard>> changes,
      Clock clock,
      LongSupplier nanoTime,
      DoubleSupplier jitter,
      Supplier<String> keys) {
    super(
        id,
        SupervisorStrategy.restartWithBackoff(Duration.ofSeconds(1), Duration.ofSeconds(30), 0.2));
    this.context = context;
    this.timers = timers;
    this.changes = changes;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.jitter = jitter;
    this.keys = keys;
    // Beyond whatever this entity told before it was started anew.
    this.version = clock.millis() << 16;
  }

  @Override
  public Jobs emptyState() {
    return Jobs.NONE;
  }

  @Override
  public CommandHandler<Command, JobEvent, Jobs> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Submit.class, this::onSubmit)
        .onCommand(Cancel.class, this::onCancel)
        .onCommand(Retry.class, this::onRetry)
        .onCommand(Prioritise.class, this::onPrioritise)
        .onCommand(Take.class, this::onTake)
        .onCommand(Report.class, this::onReport)
        .onCommand(End.class, this::onEnd)
        .onCommand(Permit.class, this::onPermit)
        .onCommand(Publish.class, this::onPublish)
        .onCommand(GetBoard.class, this::onGetBoard)
        .onCommand(Gone.class, this::onGone)
        .onCommand(Match.class, this::onMatch)
        .onCommand(Tick.class, this::onTick)
        .build();
  }

  @Override
  public EventHandler<Jobs, JobEvent> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(JobEvent.class, (jobs, event) -> jobs.after(event))
        .build();
  }

  @Override
  public SignalHandler<Jobs> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::recovered)
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(EVENTS_PER_SNAPSHOT, 2);
  }

  private void recovered(Jobs jobs) {
    jobs.running().forEach(job -> leases.begin(job.id(), elapsedMs()));
    tickLater();
    tell(jobs);
  }

  private long elapsedMs() {
    return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
  }

  private void tickLater() {
    timers.startSingleTimer(
        "tick", new Tick(), Duration.ofMillis(Math.round(TICK.toMillis() * jitter.getAsDouble())));
  }

  private Effect<JobEvent, Jobs> onSubmit(Jobs jobs, Submit command) {
    if (jobs.open() >= Jobs.MOST_OPEN) {
      return refuse(command.replyTo(), Jobs.MOST_OPEN + " jobs have not ended yet, as many as fit");
    }
    long number = jobs.last() + 1;
    String id = "job-" + number;
    return commit(
        new JobEvent.Submitted(
            clock.millis(), id, number, command.spec(), command.priority(), command.attempts()),
        id,
        command.replyTo());
  }

  private Effect<JobEvent, Jobs> onCancel(Jobs jobs, Cancel command) {
    Optional<Job> job = jobs.find(command.id());
    if (job.isEmpty() || job.get().state().ended()) {
      return refuse(command.replyTo(), cannot(command.id(), job, "cancelled"));
    }
    if (job.get().publishing()) {
      return refuse(command.replyTo(), command.id() + " is done: its family is being published");
    }
    return commit(
        new JobEvent.Cancelled(clock.millis(), command.id(), command.reason()),
        command.id(),
        command.replyTo());
  }

  private Effect<JobEvent, Jobs> onRetry(Jobs jobs, Retry command) {
    Optional<Job> job = jobs.find(command.id());
    boolean ended =
        job.filter(known -> known.state() == JobState.FAILED || known.state() == JobState.CANCELLED)
            .isPresent();
    if (!ended) {
      return refuse(command.replyTo(), cannot(command.id(), job, "tried again"));
    }
    return commit(
        new JobEvent.Retried(clock.millis(), command.id()), command.id(), command.replyTo());
  }

  private Effect<JobEvent, Jobs> onPrioritise(Jobs jobs, Prioritise command) {
    Optional<Job> job = jobs.find(command.id());
    if (job.isEmpty() || job.get().state().ended()) {
      return refuse(command.replyTo(), cannot(command.id(), job, "moved in the queue"));
    }
    return commit(
        new JobEvent.Prioritised(clock.millis(), command.id(), command.priority()),
        command.id(),
        command.replyTo());
  }

  private static String cannot(String id, Optional<Job> job, String what) {
    return job.map(known -> id + " is " + known.state().title() + " and cannot be " + what)
        .orElse("there is no job " + id);
  }

  /** A trainer that asks for work has lost what it had. */
  private Effect<JobEvent, Jobs> onTake(Jobs jobs, Take command) {
    waiting.put(command.trainer(), command.replyTo());
    context.watchWith(command.replyTo(), new Gone(command.trainer(), command.replyTo()));
    Optional<Job> lost = jobs.heldBy(command.trainer());
    if (lost.isEmpty()) {
      context.getSelf().tell(new Match());
      return Effect().none();
    }
    return ended(lost.get(), "its trainer began anew", true).thenRun(this::changed);
  }

  private Effect<JobEvent, Jobs> onReport(Jobs jobs, Report command) {
    Optional<Job> job = jobs.find(command.lease().job());
    Optional<String> over = JobRules.over(job, command.lease());
    if (over.isPresent()) {
      return answer(command.replyTo(), Standing.over(over.get()));
    }
    leases.heard(command.lease().job(), elapsedMs(), command.progress());
    Optional<JobEvent> advance =
        JobRules.advance(job.orElseThrow(), command.progress(), clock.millis());
    if (advance.isEmpty()) {
      tell(jobs);
      return answer(command.replyTo(), Standing.HOLDS);
    }
    return Effect()
        .persist(advance.get())
        .thenRun(
            (Jobs after) -> {
              tell(after);
              command.replyTo().tell(Standing.HOLDS);
            });
  }

  private Effect<JobEvent, Jobs> onEnd(Jobs jobs, End command) {
    Optional<Job> job = jobs.find(command.lease().job());
    Optional<String> over = JobRules.over(job, command.lease());
    if (over.isPresent()) {
      return answer(command.replyTo(), Standing.over(over.get()));
    }
    Job known = job.orElseThrow();
    return (command.outcome() == Outcome.REFUSED
            ? failed(known, command.reason())
            : ended(known, command.reason(), command.outcome() == Outcome.FAILED))
        .thenRun(
            (Jobs after) -> {
              changed(after);
              command.replyTo().tell(Standing.over("the attempt has ended"));
            });
  }

  private EffectBuilder<JobEvent, Jobs> failed(Job job, String reason) {
    leases.end(job.id());
    return Effect()
        .persist(
            new JobEvent.Failed(clock.millis(), job.id(), job.attempt(), job.fruitless(), reason));
  }

  private Effect<JobEvent, Jobs> onPermit(Jobs jobs, Permit command) {
    Lease lease = command.lease();
    Optional<Job> job = jobs.find(lease.job());
    Optional<String> over = JobRules.over(job, lease);
    if (over.isPresent()) {
      return answer(command.replyTo(), Standing.over(over.get()));
    }
    leases.heard(lease.job(), elapsedMs());
    if (job.orElseThrow().permitted().equals(command.manifest())) {
      return answer(command.replyTo(), Standing.HOLDS);
    }
    return Effect()
        .persist(
            new JobEvent.PublishPermitted(
                clock.millis(), lease.job(), lease.attempt(), command.manifest()))
        .thenRun(
            (Jobs after) -> {
              tell(after);
              command.replyTo().tell(Standing.HOLDS);
            });
  }

  private Effect<JobEvent, Jobs> onPublish(Jobs jobs, Publish command) {
    Lease lease = command.lease();
    Optional<Job> job = jobs.find(lease.job());
    Optional<String> over = JobRules.over(job, lease);
    // The family is there: whoever made it anew would do so for nothing.
    if (over.isPresent() && !JobRules.outlived(job, lease, command.manifest())) {
      return answer(command.replyTo(), Standing.over(over.get()));
    }
    leases.end(lease.job());
    return Effect()
        .persist(
            new JobEvent.Published(
                clock.millis(), lease.job(), lease.attempt(), command.family(), command.manifest()))
        .thenRun(
            (Jobs after) -> {
              changed(after);
              command.replyTo().tell(Standing.HOLDS);
            });
  }

  private Effect<JobEvent, Jobs> onGetBoard(Jobs jobs, GetBoard command) {
    command.replyTo().tell(StatusReply.success(board(jobs)));
    return Effect().none();
  }

  private Effect<JobEvent, Jobs> onGone(Jobs jobs, Gone command) {
    waiting.remove(command.trainer(), command.waiting());
    tell(jobs);
    return Effect().none();
  }

  private Effect<JobEvent, Jobs> onMatch(Jobs jobs, Match command) {
    Optional<JobEvent.Assigned> next = JobRules.next(jobs, waiting.keySet(), clock.millis(), keys);
    if (next.isEmpty()) {
      tell(jobs);
      return Effect().none();
    }
    ActorRef<Job> trainer = waiting.remove(next.get().trainer());
    leases.begin(next.get().id(), elapsedMs());
    return Effect()
        .persist(next.get())
        .thenRun(
            (Jobs after) -> {
              after.find(next.get().id()).ifPresent(trainer::tell);
              changed(after);
            });
  }

  private Effect<JobEvent, Jobs> onTick(Jobs jobs, Tick command) {
    tickLater();
    Optional<Leases.Over> over = leases.over(jobs.running(), elapsedMs());
    if (over.isPresent()) {
      return ended(over.get().job(), over.get().reason(), true).thenRun(this::changed);
    }
    Optional<Job> old = jobs.tooMany();
    if (old.isPresent()) {
      return Effect()
          .persist(new JobEvent.Forgotten(clock.millis(), old.get().id()))
          .thenRun(this::changed);
    }
    context.getSelf().tell(new Match());
    return Effect().none();
  }

  private EffectBuilder<JobEvent, Jobs> ended(Job job, String reason, boolean counts) {
    leases.end(job.id());
    return Effect().persist(JobRules.ended(job, reason, counts, clock.millis()));
  }

  private <T> Effect<JobEvent, Jobs> refuse(ActorRef<StatusReply<T>> replyTo, String reason) {
    replyTo.tell(StatusReply.error(reason));
    return Effect().none();
  }

  private Effect<JobEvent, Jobs> answer(ActorRef<Standing> replyTo, Standing standing) {
    replyTo.tell(standing);
    return Effect().none();
  }

  private Effect<JobEvent, Jobs> commit(
      JobEvent event, String id, ActorRef<StatusReply<Job>> replyTo) {
    return Effect()
        .persist(event)
        .thenRun(
            (Jobs after) -> {
              if (after.find(id).filter(job -> job.state().ended()).isPresent()) {
                leases.end(id);
              }
              changed(after);
              replyTo.tell(StatusReply.success(after.find(id).orElseThrow()));
            });
  }

  /** Tells of a change that may have made a job or a trainer free. */
  private void changed(Jobs after) {
    tell(after);
    context.getSelf().tell(new Match());
  }

  private void tell(Jobs jobs) {
    changes.tell(Topic.publish(board(jobs)));
  }

  private JobBoard board(Jobs jobs) {
    version++;
    return new JobBoard(version, jobs, leases.progress(), waiting.size());
  }
}
