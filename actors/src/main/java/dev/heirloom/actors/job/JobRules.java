package dev.heirloom.actors.job;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What follows from what was heard about a job; pure. */
final class JobRules {
  /** For so long a job that got somewhere waits for the trainer that has its checkpoint. */
  static final long RESERVED_MS = 30_000;

  /** A job that got no farther waits for so long, twice as long each time, and others go first. */
  static final long FIRST_PAUSE_MS = 10_000;

  private static final int MOST_DOUBLINGS = 6;
  private static final int PARTS = 10;

  private JobRules() {}

  /**
   * What becomes of an attempt that ended without a family.
   *
   * @param counts whether it may count as fruitless: not where it was asked to end
   */
  static JobEvent ended(Job job, String reason, boolean counts, long nowMs) {
    int fruitless = job.fruitful() ? 0 : job.fruitless() + (counts ? 1 : 0);
    if (fruitless >= job.attempts()) {
      String why =
          fruitless == 1
              ? reason
              : reason + " (" + fruitless + " attempts in a row got no farther)";
      return new JobEvent.Failed(nowMs, job.id(), job.attempt(), fruitless, why);
    }
    return new JobEvent.Returned(nowMs, job.id(), job.attempt(), fruitless, reason);
  }

  /** The event that a report is worth, if it is worth one. */
  static Optional<JobEvent> advance(Job job, JobProgress said, long nowMs) {
    JobState state = said.state();
    Job.Mark reached = new Job.Mark(state, said.keptSteps());
    long part = Math.max(1, said.total() / PARTS);
    boolean farther =
        state == JobState.FINE_TUNING
            && reached.beyond(job.mark())
            && said.keptSteps() >= job.mark().keptSteps() + part;
    return state != job.state() || farther
        ? Optional.of(
            new JobEvent.Advanced(nowMs, job.id(), job.attempt(), state, said.keptSteps()))
        : Optional.empty();
  }

  /** The next job for one of some trainers: the most urgent that one of them may have. */
  static Optional<JobEvent.Assigned> next(
      Jobs jobs, Collection<String> trainers, long nowMs, Supplier<String> keys) {
    for (Job job : jobs.waiting()) {
      Optional<String> trainer =
          !job.ready(nowMs) ? Optional.empty() : trainerFor(job, List.copyOf(trainers), nowMs);
      if (trainer.isPresent()) {
        return Optional.of(
            new JobEvent.Assigned(nowMs, job.id(), job.attempt() + 1, trainer.get(), keys.get()));
      }
    }
    return Optional.empty();
  }

  /** Whether a job that got no farther is not to be worked on yet. */
  static boolean pauses(Job job, long nowMs) {
    return job.fruitless() > 0
        && changedWithin(
            job, nowMs, FIRST_PAUSE_MS << Math.min(MOST_DOUBLINGS, job.fruitless() - 1));
  }

  /** A clock that was set back by more than that does not hold a job up. */
  private static boolean changedWithin(Job job, long nowMs, long durationMs) {
    return Math.abs(nowMs - job.changedMs()) < durationMs;
  }

  /** The one that has its checkpoint, unless it failed there: then any other one before it. */
  private static Optional<String> trainerFor(Job job, List<String> trainers, long nowMs) {
    boolean begun = job.mark().state().compareTo(JobState.FINE_TUNING) >= 0;
    Optional<String> last = trainers.stream().filter(job.trainer()::equals).findFirst();
    Optional<String> other =
        trainers.stream().filter(trainer -> !trainer.equals(job.trainer())).findFirst();
    if (job.fruitless() > (begun ? 1 : 0)) {
      return other.or(() -> last);
    }
    boolean reserved = begun && changedWithin(job, nowMs, RESERVED_MS);
    return last.isPresent() || reserved ? last : other;
  }

  /** Whether a lease was over before the family that it was permitted to publish was there. */
  static boolean outlived(Optional<Job> job, Lease lease, String manifest) {
    return job.filter(
            known ->
                known.state() == JobState.QUEUED
                    && known.lease().equals(lease)
                    && known.permitted().equals(manifest))
        .isPresent();
  }

  /** Why an attempt may not go on; empty where it may. */
  static Optional<String> over(Optional<Job> job, Lease lease) {
    if (job.isEmpty()) {
      return Optional.of("there is no such job any more");
    }
    if (job.get().leased(lease)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (job.get().state()) {
          case CANCELLED -> "the job was cancelled";
          case FAILED -> "the job has failed: " + job.get().reason();
          case PUBLISHED -> "the job is published already";
          default ->
              job.get().attempt() > lease.attempt()
                  ? "attempt " + job.get().attempt() + " has taken its place"
                  : job.get().state() == JobState.QUEUED
                      ? "its lease is over"
                      : "another trainer works on it";
        });
  }
}
