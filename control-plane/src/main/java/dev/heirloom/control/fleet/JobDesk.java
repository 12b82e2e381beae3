package dev.heirloom.control.fleet;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobQueue;
import dev.heirloom.actors.job.JobStatus;
import dev.heirloom.actors.job.Standing;
import dev.heirloom.runtime.family.Digest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.typed.javadsl.ActorSource;

/**
 * The jobs as this node knows them, and the way to change them. Every node follows the queue's
 * changes. Thread-safe.
 */
public final class JobDesk {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final double JITTER = 0.2;
  private static final int KEY_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final EntityRef<JobQueue.Command> queue;
  private volatile JobBoard known = JobBoard.EMPTY;

  private JobDesk(EntityRef<JobQueue.Command> queue) {
    this.queue = queue;
  }

  /** Follows the jobs on this node. */
  static JobDesk open(ActorSystem<?> system, ClusterSharding sharding) {
    ActorRef<Topic.Command<JobBoard>> changes =
        system.systemActorOf(Topic.create(JobBoard.class, "jobs"), "jobs", Props.empty());
    JobDesk desk =
        new JobDesk(
            JobQueue.init(
                sharding,
                ClusterShardingSettings.create(system),
                changes,
                Clock.systemUTC(),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble(1 - JITTER, 1 + JITTER),
                JobDesk::key));
    ActorRef<JobBoard> follower =
        system.systemActorOf(
            Behaviors.receiveMessage(
                board -> {
                  desk.learn(board);
                  return Behaviors.same();
                }),
            "jobs-follower",
            Props.empty());
    changes.tell(Topic.subscribe(follower));
    return desk;
  }

  private static String key() {
    byte[] random = new byte[KEY_BYTES];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }

  /** Contents that jobs need which may still be worked on. */
  public static Set<Digest> needed(JobBoard board) {
    return board.jobs().jobs().stream()
        .filter(job -> !job.state().ended())
        .flatMap(job -> job.spec().files())
        .map(file -> Digest.parse(file.sha256()))
        .collect(Collectors.toUnmodifiableSet());
  }

  private synchronized JobBoard learn(JobBoard board) {
    known = known.newer(board);
    return board;
  }

  /** The newest that this node has heard of. */
  public JobBoard board() {
    return known;
  }

  /** Asks the queue what the jobs are. */
  public CompletionStage<JobBoard> refresh() {
    return queue.<JobBoard>askWithStatus(JobQueue.GetBoard::new, PATIENCE).thenApply(this::learn);
  }

  /** Asks the queue for a change of a job, which is known here once this is answered. */
  public CompletionStage<Job> ask(Function<ActorRef<StatusReply<Job>>, JobQueue.Command> command) {
    return queue
        .<Job>askWithStatus(command::apply, PATIENCE)
        .thenCompose(job -> refresh().thenApply(board -> job));
  }

  /** Tells the queue of an attempt, and hears whether it may go on. */
  public CompletionStage<Standing> standing(
      Function<ActorRef<Standing>, JobQueue.Command> command) {
    return queue.<Standing>ask(command::apply, PATIENCE);
  }

  /** The next job for a trainer, once there is one; whoever cancels this waits no longer. */
  public Source<Job, NotUsed> take(String trainer) {
    return ActorSource.<Job>actorRef(
            job -> false, job -> Optional.empty(), 1, OverflowStrategy.dropHead())
        .mapMaterializedValue(
            waiting -> {
              queue.tell(new JobQueue.Take(trainer, waiting));
              return NotUsed.getInstance();
            })
        .take(1);
  }

  /**
   * A job as it is, then each time that it is otherwise, until it has ended.
   *
   * @param first as it was
   */
  public Source<JobStatus, NotUsed> watch(Job first) {
    return Source.tick(Duration.ZERO, LOOK_EVERY, first.id())
        .mapMaterializedValue(timer -> NotUsed.getInstance())
        .mapConcat(id -> known.find(id).stream().toList())
        .prepend(Source.single(new JobStatus(first, JobProgress.NONE)))
        .statefulMapConcat(Unrepeated::new)
        .takeWhile(status -> !status.job().state().ended(), true);
  }

  /** Passes on what differs from what was passed on before, and nothing older. */
  private static final class Unrepeated
      implements org.apache.pekko.japi.function.Function<JobStatus, Iterable<JobStatus>> {
    private Optional<JobStatus> last = Optional.empty();

    @Override
    public Iterable<JobStatus> apply(JobStatus status) {
      if (last.filter(status::equals).isPresent()) {
        return List.of();
      }
      last = Optional.of(status);
      return List.of(status);
    }
  }
}
