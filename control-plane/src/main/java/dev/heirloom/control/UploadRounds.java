package dev.heirloom.control;

import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.control.store.UploadedFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects uploads that nobody needs any more, now and each hour. */
final class UploadRounds {
  private static final Logger LOG = LoggerFactory.getLogger(UploadRounds.class);
  private static final Duration EVERY = Duration.ofHours(1);

  private final UploadedFiles files;
  private final JobDesk jobs;
  private final Executor blocking;

  private UploadRounds(UploadedFiles files, JobDesk jobs, Executor blocking) {
    this.files = files;
    this.jobs = jobs;
    this.blocking = blocking;
  }

  static void begin(UploadedFiles files, JobDesk jobs, ActorSystem<?> system, Executor blocking) {
    UploadRounds rounds = new UploadRounds(files, jobs, blocking);
    system
        .scheduler()
        .scheduleWithFixedDelay(Duration.ZERO, EVERY, rounds::round, system.executionContext());
  }

  private void round() {
    jobs.refresh()
        .thenAcceptAsync(board -> collect(), blocking)
        .exceptionally(
            failure -> {
              LOG.warn("unused uploads were not collected: {}", failure.toString());
              return null;
            });
  }

  private void collect() {
    try {
      long bytes = files.collect(() -> JobDesk.needed(jobs.board()));
      if (bytes > 0) {
        LOG.info("collected {} bytes of uploads", bytes);
      }
    } catch (IOException e) {
      LOG.warn("unused uploads were not collected: {}", e.toString());
    }
  }
}
