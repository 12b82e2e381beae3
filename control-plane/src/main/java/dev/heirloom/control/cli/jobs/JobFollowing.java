package dev.heirloom.control.cli.jobs;

import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.ExitCodes;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.control.cli.grpc.JobsClient.JobWatch;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.JobState;
import java.time.Duration;
import java.util.Optional;

/**
 * Follows a job on the terminal until it has ended, also where the control plane is started anew
 * meanwhile. The exit code says how it ended. An interrupt ends the following alone.
 */
final class JobFollowing {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);
  private static final long AGAIN_MS = 1000;

  private final Context context;
  private final JobsClient client;
  private final boolean json;
  private Optional<Job> last = Optional.empty();

  JobFollowing(Context context, JobsClient client, boolean json) {
    this.context = context;
    this.client = client;
    this.json = json;
  }

  /** Prints each change of a job and returns the exit code; closes the watch. */
  int to(JobWatch begun) throws ControlPlaneException, InterruptedException {
    JobWatch watch = begun;
    boolean silent = false;
    while (true) {
      try (JobWatch current = watch) {
        return toItsEnd(current);
      } catch (ControlPlaneException e) {
        if (!e.unreachable() || last.isEmpty() || context.interruption().requested()) {
          throw e;
        }
        if (!silent) {
          context.streams().messages().println(e.getMessage() + "; waiting for it");
        }
        silent = true;
        Thread.sleep(AGAIN_MS);
        watch = client.watch(last.get().getId());
      }
    }
  }

  private int toItsEnd(JobWatch watch) throws ControlPlaneException, InterruptedException {
    while (!watch.ended() && !context.interruption().requested()) {
      watch.next(LOOK_EVERY).ifPresent(this::tell);
    }
    if (context.interruption().requested()) {
      last.ifPresent(this::leave);
      return ExitCodes.INTERRUPTED;
    }
    return switch (last.map(Job::getState).orElse(JobState.JOB_STATE_UNSPECIFIED)) {
      case JOB_STATE_PUBLISHED -> ExitCodes.DONE;
      case JOB_STATE_CANCELLED -> ExitCodes.JOB_CANCELLED;
      case JOB_STATE_FAILED -> ExitCodes.JOB_FAILED;
      default -> ExitCodes.REFUSED;
    };
  }

  private void leave(Job job) {
    context
        .streams()
        .messages()
        .println(job.getId() + " goes on; 'heirloom jobs cancel " + job.getId() + "' ends it");
  }

  private void tell(Job job) {
    boolean worth = last.isEmpty() || !JobTexts.state(last.get()).equals(JobTexts.state(job));
    last = Optional.of(job);
    if (worth) {
      context.result(json ? JobTexts.json(job) : JobTexts.line(job));
    }
  }
}
