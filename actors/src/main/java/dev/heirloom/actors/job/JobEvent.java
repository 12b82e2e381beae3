package dev.heirloom.actors.job;

/**
 * What happened to jobs, as the journal keeps it: the audit log. {@code atMs} is the control
 * plane's clock in ms since 1970.
 */
public sealed interface JobEvent extends JobSerializable {

  /** When it happened, in ms since 1970. */
  long atMs();

  /** The job that it happened to. */
  String id();

  /** A job was put into the queue. */
  record Submitted(long atMs, String id, long number, JobSpec spec, int priority, int attempts)
      implements JobEvent {}

  /** A trainer was given the job; attempts before this one can no longer report or publish. */
  record Assigned(long atMs, String id, int attempt, String trainer, String key)
      implements JobEvent {}

  /** The attempt is in another state, or a good deal farther in the fine-tune. */
  record Advanced(long atMs, String id, int attempt, JobState state, long keptSteps)
      implements JobEvent {}

  /** An attempt ended without a family, and the job waits for the next. */
  record Returned(long atMs, String id, int attempt, int fruitless, String reason)
      implements JobEvent {}

  /** The attempt may publish this manifest. */
  record PublishPermitted(long atMs, String id, int attempt, String manifest) implements JobEvent {}

  /** The family is there. */
  record Published(long atMs, String id, int attempt, String family, String manifest)
      implements JobEvent {}

  /** No further attempt is made. */
  record Failed(long atMs, String id, int attempt, int fruitless, String reason)
      implements JobEvent {}

  /** Somebody ended it. */
  record Cancelled(long atMs, String id, String reason) implements JobEvent {}

  /** Somebody put it into the queue again after it had failed or been cancelled. */
  record Retried(long atMs, String id) implements JobEvent {}

  /** Somebody changed its place in the queue. */
  record Prioritised(long atMs, String id, int priority) implements JobEvent {}

  /** It ended so long ago that it is not listed any more. */
  record Forgotten(long atMs, String id) implements JobEvent {}
}
