package dev.heirloom.control.cli;

import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.JobsClient.JobWatch;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.JobState;
import java.time.Duration;
import java.util.Optional;

/**
 * Follows a job on the terminal until it has ended. The exit code says how: 0 published, 3 failed,
 * 4 cancelled. An interrupt ends the following alone.
 */
final class JobFollowing {
  private static final int FAILED = 3;
  private static final int CANCELLED = 4;
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final Context context;
  private final boolean json;
  private Optional<Job> last = Optional.empty();

  JobFollowing(Context context, boolean json) {
    this.context = context;
    this.json = json;
  }

  /** What a job's state means to a script. */
  static int exitCode(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_FAILED -> FAILED;
      case JOB_STATE_CANCELLED -> CANCELLED;
      default -> 0;
    };
  }

  /** Prints each change of a job and returns the exit code. */
  int to(JobWatch watch) throws ControlPlaneException, InterruptedException {
    try {
      while (!watch.ended() && !context.interruption().requested()) {
        watch.next(LOOK_EVERY).ifPresent(this::tell);
      }
    } catch (InterruptedException e) {
      leave();
      throw e;
    }
    if (context.interruption().requested()) {
      leave();
    }
    return last.map(JobFollowing::exitCode).orElse(0);
  }

  private void leave() {
    last.ifPresent(
        job ->
            context
                .streams()
                .messages()
                .println(
                    job.getId()
                        + " goes on; 'heirloom jobs cancel "
                        + job.getId()
                        + "' ends it"));
  }

  private void tell(Job job) {
    boolean worth = last.isEmpty() || !JobTexts.line(last.get()).equals(JobTexts.line(job));
    last = Optional.of(job);
    if (worth) {
      context.result(json ? JobTexts.json(job) : JobTexts.line(job));
    }
  }

  /** The job as it was when it was first heard of. */
  Job first(JobWatch watch) throws ControlPlaneException, InterruptedException {
    Optional<Job> job = Optional.empty();
    while (job.isEmpty() && !watch.ended()) {
      job = watch.next(LOOK_EVERY);
    }
    return job.orElse(Job.newBuilder().setState(JobState.JOB_STATE_UNSPECIFIED).build());
  }
}
