package dev.heirloom.control.grpc;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.actors.job.Lease;
import io.grpc.StatusRuntimeException;

/** What a trainer's lease opens: its job, and nothing else. */
final class Leased {
  private Leased() {}

  /** The job of a lease that holds, as this node knows it. */
  static Job job(JobBoard board, Lease lease) {
    board
        .over(lease)
        .ifPresent(
            reason -> {
              throw over(reason);
            });
    return board.jobs().find(lease.job()).orElseThrow();
  }

  static StatusRuntimeException over(String reason) {
    return Failures.refused("the lease is over: " + reason);
  }
}
