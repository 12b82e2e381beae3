package dev.heirloom.actors.job;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When each trainer was last heard of, what it said, and when that was last something new. Not
 * persisted: after a restart every attempt has a whole lease to be heard of again.
 */
final class Leases {
  private final Duration lease;
  private final Duration patience;
  private final Map<String, Long> heardMs = new HashMap<>();
  private final Map<String, Long> movedMs = new HashMap<>();
  private final Map<String, JobProgress> progress = new HashMap<>();

  /**
   * @param lease how long a trainer may be silent
   * @param patience how long it may say the same
   */
  Leases(Duration lease, Duration patience) {
    this.lease = lease;
    this.patience = patience;
  }

  void begin(String job, long nowMs) {
    heardMs.put(job, nowMs);
    movedMs.put(job, nowMs);
    progress.remove(job);
  }

  void heard(String job, long nowMs, JobProgress said) {
    heardMs.put(job, nowMs);
    if (said.moved(progress.getOrDefault(job, JobProgress.NONE))) {
      movedMs.put(job, nowMs);
    }
    progress.put(job, said);
  }

  void heard(String job, long nowMs) {
    heardMs.put(job, nowMs);
  }

  void end(String job) {
    heardMs.remove(job);
    movedMs.remove(job);
    progress.remove(job);
  }

  Map<String, JobProgress> progress() {
    return progress;
  }

  /**
   * An attempt that shall end.
   *
   * @param reason why
   */
  record Over(Job job, String reason) {}

  /** The first attempt that is not heard of, or does nothing. */
  Optional<Over> over(List<Job> running, long nowMs) {
    return running.stream().flatMap(job -> over(job, nowMs).stream()).findFirst();
  }

  private Optional<Over> over(Job job, long nowMs) {
    if (nowMs - heardMs.getOrDefault(job.id(), nowMs) > lease.toMillis()) {
      return Optional.of(new Over(job, "its trainer " + job.trainer() + " fell silent"));
    }
    if (nowMs - movedMs.getOrDefault(job.id(), nowMs) > patience.toMillis()) {
      return Optional.of(
          new Over(
              job,
              "its trainer "
                  + job.trainer()
                  + " got nowhere for "
                  + patience.toMinutes()
                  + " minutes"));
    }
    return Optional.empty();
  }
}
