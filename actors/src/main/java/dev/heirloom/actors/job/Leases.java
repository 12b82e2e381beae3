package dev.heirloom.actors.job;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * When each trainer was last heard of, and what it said. Not persisted: after a restart every
 * attempt has a whole lease to be heard of again.
 */
final class Leases {
  private final long leaseMs;
  private final Map<String, Long> heardMs = new HashMap<>();
  private final Map<String, JobProgress> progress = new HashMap<>();

  Leases(long leaseMs) {
    this.leaseMs = leaseMs;
  }

  void begin(String job, long nowMs) {
    heardMs.put(job, nowMs);
    progress.remove(job);
  }

  void heard(String job, long nowMs, JobProgress said) {
    heardMs.put(job, nowMs);
    progress.put(job, said);
  }

  void heard(String job, long nowMs) {
    heardMs.put(job, nowMs);
  }

  void end(String job) {
    heardMs.remove(job);
    progress.remove(job);
  }

  Map<String, JobProgress> progress() {
    return progress;
  }

  /** Those whose trainers are not heard of. */
  List<Job> over(List<Job> running, long nowMs) {
    return running.stream()
        .filter(job -> nowMs - heardMs.getOrDefault(job.id(), nowMs) > leaseMs)
        .toList();
  }
}
