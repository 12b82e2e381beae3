package dev.heirloom.actors.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobQueueTest {
  private static final PersistenceId ID = PersistenceId.of("JobQueue", "fleet");
  private static final Duration LONGER_THAN_A_LEASE = JobQueue.LEASE.plusSeconds(3);
  private static final Duration QUIET = Duration.ofMillis(200);

  private final ActorTestKit kit =
      ActorTestKit.create(
          "queue",
          ConfigFactory.parseString(
                  """
                  pekko.loglevel = WARNING
                  pekko.persistence.testkit.events.serialize = off
                  pekko.persistence.testkit.snapshots.serialize = off
                  """)
              .withFallback(PersistenceTestKitPlugin.config())
              .withFallback(PersistenceTestKitSnapshotPlugin.config())
              .withFallback(ManualTime.config())
              .withFallback(ConfigFactory.load()));
  private final ManualTime time = ManualTime.get(kit.system());
  private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
  private final AtomicLong keys = new AtomicLong();
  private final AtomicLong nowMs = new AtomicLong(1_000_000);
  private final AtomicLong elapsedMs = new AtomicLong(-500_000);
  private final ActorRef<Topic.Command<JobBoard>> topic =
      kit.spawn(Topic.create(JobBoard.class, "jobs"));
  private final TestProbe<StatusReply<Job>> replies = kit.createTestProbe();
  private final TestProbe<Standing> standings = kit.createTestProbe();
  private final TestProbe<StatusReply<JobBoard>> boards = kit.createTestProbe();
  private ActorRef<JobQueue.Command> queue = spawn();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private ActorRef<JobQueue.Command> spawn() {
    return kit.spawn(
        JobQueue.create(
            ID,
            topic,
            clock(),
            () -> TimeUnit.MILLISECONDS.toNanos(elapsedMs.get()),
            () -> 1,
            () -> "key-" + keys.incrementAndGet()));
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return Instant.ofEpochMilli(nowMs.get());
      }
    };
  }

  private void pass(Duration duration) {
    for (long second = 0; second < duration.toSeconds(); second++) {
      passAtOnce(Duration.ofSeconds(1));
    }
  }

  /** For the queue alone: timers, those of the journal among them, see a second of it. */
  private void passAtOnce(Duration duration) {
    nowMs.addAndGet(duration.toMillis());
    elapsedMs.addAndGet(duration.toMillis());
    time.timePasses(Duration.ofSeconds(1));
    // Handled before more time passes.
    board();
  }

  private JobBoard board() {
    queue.tell(new JobQueue.GetBoard(boards.getRef()));
    return boards.receiveMessage().getValue();
  }

  private Job job(String id) {
    return board().find(id).orElseThrow().job();
  }

  private StatusReply<Job> ask(Function<ActorRef<StatusReply<Job>>, JobQueue.Command> command) {
    queue.tell(command.apply(replies.getRef()));
    return replies.receiveMessage();
  }

  private String submit(int priority) {
    return ask(replyTo -> new JobQueue.Submit(JobSamples.SPEC, priority, 2, replyTo))
        .getValue()
        .id();
  }

  private TestProbe<Job> take(String trainer) {
    TestProbe<Job> work = kit.createTestProbe();
    queue.tell(new JobQueue.Take(trainer, work.getRef()));
    return work;
  }

  private Standing report(Job taken, JobProgress progress) {
    queue.tell(new JobQueue.Report(taken.lease(), progress, standings.getRef()));
    return standings.receiveMessage();
  }

  private Standing end(Job taken, JobQueue.Outcome outcome) {
    queue.tell(new JobQueue.End(taken.lease(), outcome, "for a test", standings.getRef()));
    return standings.receiveMessage();
  }

  private Standing permit(Job taken, String manifest) {
    queue.tell(new JobQueue.Permit(taken.lease(), manifest, standings.getRef()));
    return standings.receiveMessage();
  }

  private Standing publish(Job taken, String manifest) {
    queue.tell(new JobQueue.Publish(taken.lease(), "wide", manifest, standings.getRef()));
    return standings.receiveMessage();
  }

  private void pause(int fruitless) {
    pass(Duration.ofMillis(JobRules.FIRST_PAUSE_MS << (fruitless - 1)).plusSeconds(2));
  }

  @Test
  void givesTheMostUrgentJobFirstAndThenTheOldest() {
    String first = submit(0);
    String second = submit(0);
    String urgent = submit(5);

    assertThat(take("a").receiveMessage().id()).isEqualTo(urgent);
    assertThat(take("b").receiveMessage().id()).isEqualTo(first);
    assertThat(take("c").receiveMessage().id()).isEqualTo(second);
    TestProbe<Job> idle = take("d");
    idle.expectNoMessage(QUIET);
    String late = submit(0);
    assertThat(idle.receiveMessage().id()).isEqualTo(late);
  }

  @Test
  void movesAJobInTheQueue() {
    submit(0);
    String second = submit(0);
    assertThat(ask(replyTo -> new JobQueue.Prioritise(second, 7, replyTo)).getValue().priority())
        .isEqualTo(7);
    Job taken = take("a").receiveMessage();
    assertThat(taken.id()).isEqualTo(second);
    end(taken, JobQueue.Outcome.REFUSED);
    assertThat(ask(replyTo -> new JobQueue.Prioritise(second, 1, replyTo)).getError())
        .hasMessage(second + " is failed and cannot be moved in the queue");
  }

  @Test
  void publishesOnceAndWhatWasPermitted() {
    String id = submit(0);
    Job taken = take("a").receiveMessage();
    assertThat(report(taken, JobSamples.fineTuning(10)).goOn()).isTrue();
    assertThat(job(id).state()).isEqualTo(JobState.FINE_TUNING);

    assertThat(permit(taken, "m").goOn()).isTrue();
    assertThat(permit(taken, "m").goOn()).isTrue();
    assertThat(publish(taken, "m").goOn()).isTrue();
    assertThat(job(id))
        .returns(JobState.PUBLISHED, Job::state)
        .returns("wide", Job::family)
        .returns("m", Job::manifest);
    assertThat(publish(taken, "m").reason()).isEqualTo("the job is published already");
    assertThat(ask(replyTo -> new JobQueue.Cancel(id, "", replyTo)).getError())
        .hasMessage(id + " is published and cannot be cancelled");
  }

  @Test
  void doesNotCancelAJobWhoseFamilyIsOnItsWayIn() {
    String id = submit(0);
    Job taken = take("a").receiveMessage();
    permit(taken, "m");
    assertThat(ask(replyTo -> new JobQueue.Cancel(id, "", replyTo)).getError())
        .hasMessage(id + " is done: its family is being published");
    end(taken, JobQueue.Outcome.FAILED);
    assertThat(ask(replyTo -> new JobQueue.Cancel(id, "", replyTo)).isSuccess()).isTrue();
  }

  @Test
  void returnsAJobWhoseTrainerFellSilentAndFencesThatTrainer() {
    String id = submit(0);
    Job first = take("a").receiveMessage();
    report(first, new JobProgress("calibrate", 1, 2, 0, 0, 0, 0, ""));
    pass(LONGER_THAN_A_LEASE);
    assertThat(job(id))
        .returns(JobState.QUEUED, Job::state)
        .returns(1, Job::fruitless)
        .returns("its trainer a fell silent", Job::reason);
    assertThat(report(first, JobSamples.fineTuning(1)).reason()).isEqualTo("its lease is over");

    pause(1);
    assertThat(take("b").receiveMessage().attempt()).isEqualTo(2);
    String taken = "attempt 2 has taken its place";
    assertThat(report(first, JobSamples.fineTuning(1)).reason()).isEqualTo(taken);
    assertThat(permit(first, "m")).isEqualTo(new Standing(false, taken));
    assertThat(publish(first, "m")).isEqualTo(new Standing(false, taken));
    assertThat(end(first, JobQueue.Outcome.FAILED).reason()).isEqualTo(taken);
    assertThat(job(id).state().running()).isTrue();
  }

  @Test
  void hearsNobodyButTheOneWhomItToldTheKey() {
    submit(0);
    Lease lease = take("a").receiveMessage().lease();
    List<Lease> others =
        List.of(
            new Lease(lease.job(), lease.attempt(), "b", lease.key()),
            new Lease(lease.job(), lease.attempt(), lease.trainer(), "guessed"),
            new Lease(lease.job(), lease.attempt(), lease.trainer(), ""));
    for (Lease other : others) {
      queue.tell(new JobQueue.Report(other, JobSamples.fineTuning(1), standings.getRef()));
      assertThat(standings.receiveMessage().reason()).isEqualTo("another trainer works on it");
      queue.tell(new JobQueue.Permit(other, "m", standings.getRef()));
      assertThat(standings.receiveMessage().goOn()).isFalse();
      queue.tell(new JobQueue.Publish(other, "wide", "m", standings.getRef()));
      assertThat(standings.receiveMessage().goOn()).isFalse();
      queue.tell(
          new JobQueue.End(other, JobQueue.Outcome.REFUSED, "for a test", standings.getRef()));
      assertThat(standings.receiveMessage().goOn()).isFalse();
    }
    assertThat(job(lease.job()).state()).isEqualTo(JobState.CALIBRATING);
    assertThat(lease.toString()).doesNotContain(lease.key());
  }

  @Test
  void keepsALeaseThatIsRenewed() {
    submit(0);
    Job taken = take("a").receiveMessage();
    for (int i = 0; i < 5; i++) {
      pass(Duration.ofSeconds(10));
      assertThat(report(taken, JobSamples.fineTuning(i)).goOn()).isTrue();
    }
  }

  @Test
  void endsAnAttemptThatIsHeardOfAndGetsNowhere() {
    String id = submit(0);
    Job taken = take("a").receiveMessage();
    long untilMs = nowMs.get() + JobQueue.PATIENCE.toMillis();
    Standing standing = report(taken, JobSamples.fineTuning(1));
    while (standing.goOn() && nowMs.get() < untilMs + 120_000) {
      passAtOnce(Duration.ofSeconds(30));
      standing = report(taken, JobSamples.fineTuning(1));
    }
    assertThat(nowMs.get()).isBetween(untilMs, untilMs + 60_000);
    assertThat(job(id))
        .returns(JobState.QUEUED, Job::state)
        .returns("its trainer a got nowhere for 60 minutes", Job::reason);
  }

  @Test
  void endsNoLeaseBecauseTheClockWasSet() {
    String id = submit(0);
    Job taken = take("a").receiveMessage();
    for (long hours : List.of(5L, -9L)) {
      nowMs.addAndGet(Duration.ofHours(hours).toMillis());
      pass(Duration.ofSeconds(3));
      assertThat(job(id).state()).as("%d hours", hours).isEqualTo(JobState.CALIBRATING);
    }
    pass(LONGER_THAN_A_LEASE);
    assertThat(job(id).reason()).isEqualTo("its trainer a fell silent");
    assertThat(report(taken, JobSamples.fineTuning(1)).goOn()).isFalse();
  }

  @Test
  void holdsNoJobUpBecauseTheClockWasSetBack() {
    String fruitless = submit(0);
    end(take("a").receiveMessage(), JobQueue.Outcome.FAILED);
    nowMs.addAndGet(-Duration.ofDays(30).toMillis());
    assertThat(take("b").receiveMessage().id()).isEqualTo(fruitless);

    String begun = submit(0);
    Job taken = take("a").receiveMessage();
    assertThat(taken.id()).isEqualTo(begun);
    report(taken, JobSamples.fineTuning(10));
    end(taken, JobQueue.Outcome.RELEASED);
    nowMs.addAndGet(-Duration.ofDays(30).toMillis());
    assertThat(take("c").receiveMessage().id()).isEqualTo(begun);
  }

  @Test
  void givesAJobToAnotherTrainerThanTheOneWhereItFailed() {
    String id = submit(0);
    end(take("broken").receiveMessage(), JobQueue.Outcome.FAILED);
    TestProbe<Job> broken = take("broken");
    TestProbe<Job> sound = take("sound");
    pause(1);
    assertThat(sound.receiveMessage().id()).isEqualTo(id);
    broken.expectNoMessage(QUIET);
  }

  @Test
  void leavesTheTrainerThatHasTheCheckpointOnceItFailedThereTwice() {
    String id = ask(replyTo -> new JobQueue.Submit(JobSamples.SPEC, 0, 3, replyTo)).getValue().id();
    Job taken = take("broken").receiveMessage();
    report(taken, JobSamples.fineTuning(10));
    end(taken, JobQueue.Outcome.FAILED);
    end(take("broken").receiveMessage(), JobQueue.Outcome.FAILED);
    TestProbe<Job> again = take("broken");
    TestProbe<Job> sound = take("sound");
    pause(1);
    end(again.receiveMessage(), JobQueue.Outcome.FAILED);
    take("broken");
    pause(2);
    assertThat(sound.receiveMessage()).returns(id, Job::id).returns(4, Job::attempt);
  }

  @Test
  void isPublishedWhereItsLeaseEndedWhileItsFamilyWasOnItsWayIn() {
    String id = submit(0);
    Job taken = take("a").receiveMessage();
    permit(taken, "m");
    pass(LONGER_THAN_A_LEASE);
    assertThat(job(id).state()).isEqualTo(JobState.QUEUED);
    assertThat(publish(taken, "another").goOn()).isFalse();
    assertThat(publish(taken, "m").goOn()).isTrue();
    assertThat(job(id))
        .returns(JobState.PUBLISHED, Job::state)
        .returns("m", Job::manifest)
        .returns("", Job::reason);
  }

  @Test
  void failsAfterFruitlessAttemptsInARowOnly() {
    String id = submit(0);
    int attempt = 1;
    for (long kept = 10; kept <= 40; kept += 10) {
      Job taken = take("a").receiveMessage();
      assertThat(taken.attempt()).isEqualTo(attempt);
      report(taken, JobSamples.fineTuning(kept));
      end(taken, JobQueue.Outcome.FAILED);
      attempt++;
    }
    assertThat(job(id)).returns(JobState.QUEUED, Job::state).returns(0, Job::fruitless);
    end(take("a").receiveMessage(), JobQueue.Outcome.FAILED);
    pause(1);
    end(take("a").receiveMessage(), JobQueue.Outcome.FAILED);
    assertThat(job(id))
        .returns(JobState.FAILED, Job::state)
        .returns("for a test (2 attempts in a row got no farther)", Job::reason);
  }

  @Test
  void letsOthersGoFirstAfterAnAttemptThatGotNowhere() {
    String urgent = submit(9);
    String other = submit(0);
    end(take("a").receiveMessage(), JobQueue.Outcome.FAILED);
    Job next = take("a").receiveMessage();
    assertThat(next.id()).isEqualTo(other);
    end(next, JobQueue.Outcome.REFUSED);
    TestProbe<Job> again = take("a");
    again.expectNoMessage(QUIET);
    pause(1);
    assertThat(again.receiveMessage().id()).isEqualTo(urgent);
  }

  @Test
  void doesNotCountAnAttemptThatWasAskedToEnd() {
    String id = submit(0);
    for (int attempt = 1; attempt <= 5; attempt++) {
      end(take("a").receiveMessage(), JobQueue.Outcome.RELEASED);
    }
    assertThat(job(id)).returns(JobState.QUEUED, Job::state).returns(0, Job::fruitless);
  }

  @Test
  void failsAtOnceWhatWasRefused() {
    String id = submit(0);
    end(take("a").receiveMessage(), JobQueue.Outcome.REFUSED);
    assertThat(job(id).state()).isEqualTo(JobState.FAILED);
  }

  @Test
  void givesATrainerThatBeganAnewItsJobAgain() {
    String id = submit(0);
    String other = submit(3);
    take("a").receiveMessage();
    report(take("b").receiveMessage(), JobSamples.fineTuning(10));
    Job again = take("b").receiveMessage();
    assertThat(again.id()).isEqualTo(id);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(job(other).attempt()).isEqualTo(1);
  }

  @Test
  void keepsAJobForTheTrainerThatHasItsCheckpointButNotForEver() {
    submit(0);
    Job taken = take("a").receiveMessage();
    report(taken, JobSamples.fineTuning(10));
    end(taken, JobQueue.Outcome.RELEASED);
    TestProbe<Job> other = take("b");
    other.expectNoMessage(QUIET);
    pass(Duration.ofMillis(JobRules.RESERVED_MS).plusSeconds(2));
    assertThat(other.receiveMessage().attempt()).isEqualTo(2);
  }

  @Test
  void cancelsWhatWaitsAndWhatIsWorkedOnAndRetriesIt() {
    String waiting = submit(0);
    ask(replyTo -> new JobQueue.Cancel(waiting, "a mistake", replyTo));
    assertThat(job(waiting).reason()).isEqualTo("a mistake");
    String id = submit(0);
    Job taken = take("a").receiveMessage();
    ask(replyTo -> new JobQueue.Cancel(id, "", replyTo));
    assertThat(report(taken, JobSamples.fineTuning(1)))
        .isEqualTo(new Standing(false, "the job was cancelled"));
    assertThat(permit(taken, "m").goOn()).isFalse();

    ask(replyTo -> new JobQueue.Retry(id, replyTo));
    assertThat(take("a").receiveMessage().attempt()).isEqualTo(2);
    assertThat(ask(replyTo -> new JobQueue.Retry(id, replyTo)).isError()).isTrue();
    assertThat(ask(replyTo -> new JobQueue.Retry("job-99", replyTo)).getError())
        .hasMessage("there is no job job-99");
  }

  @Test
  void knowsEveryJobAfterARestartAndGivesItsTrainersAWholeLease() {
    String id = submit(0);
    submit(1);
    Job taken = take("a").receiveMessage();
    report(taken, JobSamples.fineTuning(10));
    Jobs before = board().jobs();
    kit.stop(queue);
    nowMs.addAndGet(Duration.ofHours(1).toMillis());
    queue = spawn();

    assertThat(board().jobs()).isEqualTo(before);
    pass(Duration.ofSeconds(10));
    assertThat(report(taken, JobSamples.fineTuning(11)).goOn()).isTrue();
    assertThat(job(id).state()).isEqualTo(JobState.QUEUED);
  }

  @Test
  void writesNoEventForAReportThatChangesLittle() {
    String id = submit(0);
    Job taken = take("a").receiveMessage();
    report(taken, JobSamples.fineTuning(10));
    int events = journal.persistedInStorage(ID.id()).size();
    for (int kept = 11; kept < 14; kept++) {
      report(taken, JobSamples.fineTuning(kept));
    }
    assertThat(journal.persistedInStorage(ID.id())).hasSize(events);
    assertThat(board().find(id).orElseThrow().progress()).isEqualTo(JobSamples.fineTuning(13));
    report(taken, JobSamples.fineTuning(14));
    assertThat(journal.persistedInStorage(ID.id())).hasSize(events + 1);
  }

  @Test
  void forgetsATrainerThatStoppedWaiting() {
    TestProbe<Job> gone = take("a");
    assertThat(board().idleTrainers()).isEqualTo(1);
    gone.stop();
    gone.awaitAssert(() -> assertThat(board().idleTrainers()).isZero());
    String id = submit(0);
    pass(Duration.ofSeconds(2));
    assertThat(job(id).state()).isEqualTo(JobState.QUEUED);
    assertThat(take("b").receiveMessage().id()).isEqualTo(id);
  }

  @Test
  void refusesMoreOpenJobsThanFit() {
    for (int i = 0; i < Jobs.MOST_OPEN; i++) {
      submit(0);
    }
    assertThat(ask(replyTo -> new JobQueue.Submit(JobSamples.SPEC, 0, 2, replyTo)).isError())
        .isTrue();
  }

  /** Java 17 has no pattern switch: a command without a handler would compile. */
  @Test
  void handlesEveryCommand() {
    submit(0);
    Job taken = take("a").receiveMessage();
    report(taken, JobSamples.fineTuning(1));
    permit(taken, "m");
    publish(taken, "m");
    end(taken, JobQueue.Outcome.FAILED);
    ask(replyTo -> new JobQueue.Cancel("job-1", "", replyTo));
    ask(replyTo -> new JobQueue.Retry("job-1", replyTo));
    ask(replyTo -> new JobQueue.Prioritise("job-1", 1, replyTo));
    board();
    pass(Duration.ofSeconds(1));
    Set<String> sent =
        Set.of(
            "Submit",
            "Take",
            "Report",
            "Permit",
            "Publish",
            "End",
            "Cancel",
            "Retry",
            "GetBoard",
            "Prioritise",
            "Gone",
            "Match",
            "Tick");
    assertThat(
            Stream.of(JobQueue.Command.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toSet()))
        .isEqualTo(sent);
  }
}
