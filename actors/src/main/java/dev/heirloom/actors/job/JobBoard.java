package dev.heirloom.actors.job;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every job as it stands at one moment.
 *
 * @param version a larger one is newer
 * @param progress of those that are worked on, by their identifiers
 * @param idleTrainers trainers that wait for a job
 */
public record JobBoard(
    long version, Jobs jobs, Map<String, JobProgress> progress, int idleTrainers) {

  /** Before anything was heard of the queue. */
  public static final JobBoard EMPTY = new JobBoard(0, Jobs.NONE, Map.of(), 0);

  public JobBoard {
    progress = Map.copyOf(progress);
  }

  /** The newer of two. */
  public JobBoard newer(JobBoard other) {
    return other.version > version ? other : this;
  }

  /** One job. */
  public Optional<JobStatus> find(String id) {
    return jobs.find(id).map(this::status);
  }

  /** All of them, by their numbers. */
  public List<JobStatus> all() {
    return jobs.jobs().stream().map(this::status).toList();
  }

  /**
   * Those that are worked on, then those that wait in the order in which they will be, then those
   * that have ended, the newest first.
   */
  public List<JobStatus> inOrder() {
    Stream<Job> ended =
        jobs.jobs().stream()
            .filter(job -> job.state().ended())
            .sorted(Comparator.comparingLong(Job::changedMs).reversed());
    return Stream.of(jobs.running().stream(), jobs.waiting().stream(), ended)
        .flatMap(each -> each)
        .map(this::status)
        .toList();
  }

  /** Why an attempt may not go on; empty where it may. */
  public Optional<String> over(Lease lease) {
    return JobRules.over(jobs.find(lease.job()), lease);
  }

  private JobStatus status(Job job) {
    return new JobStatus(job, progress.getOrDefault(job.id(), JobProgress.NONE));
  }
}
