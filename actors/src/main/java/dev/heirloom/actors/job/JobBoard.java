package dev.heirloom.actors.job;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every job as it stands at one moment.
 *
 * @param progress of those that are worked on, by their identifiers
 * @param idleTrainers trainers that wait for a job
 */
public record JobBoard(Jobs jobs, Map<String, JobProgress> progress, int idleTrainers) {

  /** Before anything was heard of the queue. */
  public static final JobBoard EMPTY = new JobBoard(Jobs.NONE, Map.of(), 0);

  public JobBoard {
    progress = Map.copyOf(progress);
  }

  /** One job. */
  public Optional<JobStatus> find(String id) {
    return jobs.find(id).map(this::status);
  }

  /** All of them, by their numbers. */
  public List<JobStatus> all() {
    return jobs.jobs().stream().map(this::status).toList();
  }

  private JobStatus status(Job job) {
    return new JobStatus(job, progress.getOrDefault(job.id(), JobProgress.NONE));
  }
}
