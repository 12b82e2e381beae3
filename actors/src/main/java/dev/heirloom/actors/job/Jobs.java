package dev.heirloom.actors.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Every job that is remembered. Persisted as it is.
 *
 * @param last number of the newest job that ever was
 * @param jobs by their numbers
 */
public record Jobs(long last, List<Job> jobs) implements JobSerializable {

  /** There was no job yet. */
  public static final Jobs NONE = new Jobs(0, List.of());

  /** Jobs that have not ended; more are refused. */
  public static final int MOST_OPEN = 1000;

  /** Jobs that have ended; the oldest beyond them are forgotten. */
  static final int MOST_ENDED = 1000;

  private static final Comparator<Job> NEXT =
      Comparator.comparingInt((Job job) -> -job.priority()).thenComparingLong(Job::number);

  public Jobs {
    jobs = List.copyOf(jobs);
  }

  /** A job by its identifier. */
  public Optional<Job> find(String id) {
    return jobs.stream().filter(job -> job.id().equals(id)).findFirst();
  }

  /** What a trainer has under a lease. */
  Optional<Job> heldBy(String trainer) {
    return jobs.stream()
        .filter(job -> job.state().running() && job.trainer().equals(trainer))
        .findFirst();
  }

  /** Those that wait, the next first. */
  List<Job> waiting() {
    return jobs.stream().filter(job -> job.state() == JobState.QUEUED).sorted(NEXT).toList();
  }

  List<Job> running() {
    return jobs.stream().filter(job -> job.state().running()).toList();
  }

  long open() {
    return jobs.stream().filter(job -> !job.state().ended()).count();
  }

  /** The job that is to be forgotten before another may end. */
  Optional<Job> tooMany() {
    List<Job> ended = jobs.stream().filter(job -> job.state().ended()).toList();
    return ended.size() <= MOST_ENDED
        ? Optional.empty()
        : ended.stream().min(Comparator.comparingLong(Job::changedMs));
  }

  Jobs after(JobEvent event) {
    if (event instanceof JobEvent.Submitted submitted) {
      List<Job> all = new ArrayList<>(jobs);
      all.add(Job.submitted(submitted));
      return new Jobs(submitted.number(), all);
    }
    if (event instanceof JobEvent.Forgotten forgotten) {
      return new Jobs(last, jobs.stream().filter(job -> !job.id().equals(forgotten.id())).toList());
    }
    return new Jobs(
        last,
        jobs.stream().map(job -> job.id().equals(event.id()) ? next(job, event) : job).toList());
  }

  private static Job next(Job job, JobEvent event) {
    if (event instanceof JobEvent.Assigned assigned) {
      return job.assigned(assigned);
    }
    if (event instanceof JobEvent.Advanced advanced) {
      return job.advanced(advanced);
    }
    if (event instanceof JobEvent.Returned returned) {
      return job.returned(returned);
    }
    if (event instanceof JobEvent.PublishPermitted permitted) {
      return job.permitted(permitted);
    }
    if (event instanceof JobEvent.Published published) {
      return job.published(published);
    }
    if (event instanceof JobEvent.Failed failed) {
      return job.failed(failed);
    }
    if (event instanceof JobEvent.Cancelled cancelled) {
      return job.cancelled(cancelled);
    }
    if (event instanceof JobEvent.Retried retried) {
      return job.retried(retried);
    }
    if (event instanceof JobEvent.Prioritised prioritised) {
      return job.prioritised(prioritised);
    }
    throw new IllegalStateException("event: " + event + " (expected: one of a job)");
  }
}
