package dev.heirloom.actors.job;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * When each trainer was last heard of, what it said, and when that was last something new. Not
 * persisted: after a restart every attempt has a whole lease to be heard of again. {@code
 * elapsedMs} is no time of day: setting the clock ends no lease.
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

  void begin(String job, long elapsedMs) {
    heardMs.put(job, elapsedMs);
    movedMs.put(job, elapsedMs);
    progress.remove(job);
  }

  void heard(String job, long elapsedMs, JobProgress said) {
    heardMs.put(job, elapsedMs);
    if (said.moved(progress.getOrDefault(job, JobProgress.NONE))) {
      movedMs.put(job, elapsedMs);
    }
    progress.put(job, said);
  }

  void heard(String job, long elapsedMs) {
    heardMs.put(job, elapsedMs);
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
  Optional<Over> over(List<Job> running, long elapsedMs) {
    return running.stream().flatMap(job -> over(job, elapsedMs).stream()).findFirst();
  }

  private Optional<Over> over(Job job, long elapsedMs) {
    if (elapsedMs - heardMs.getOrDefault(job.id(), elapsedMs) > lease.toMillis()) {
      return Optional.of(new Over(job, "its trainer " + job.trainer() + " fell silent"));
    }
    if (elapsedMs - movedMs.getOrDefault(job.id(), elapsedMs) > patience.toMillis()) {
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
