package dev.heirloom.control.http;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobBoard;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobState;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Clock;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** What Prometheus is told of jobs. No label names a job: their number grows. */
final class JobMetrics {
  private final Supplier<JobBoard> board;
  private final Clock clock;

  private JobMetrics(Supplier<JobBoard> board, Clock clock) {
    this.board = board;
    this.clock = clock;
  }

  static void register(PrometheusRegistry registry, Supplier<JobBoard> board, Clock clock) {
    JobMetrics metrics = new JobMetrics(board, clock);
    GaugeWithCallback.builder()
        .name("heirloom_jobs")
        .help("Jobs that are remembered, by their state.")
        .labelNames("state")
        .callback(metrics::states)
        .register(registry);
    GaugeWithCallback.builder()
        .name("heirloom_job_longest_wait_seconds")
        .help("How long the job that changed longest ago has been waiting for a trainer.")
        .callback(values -> values.call(metrics.longestWaitSeconds()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("heirloom_job_attempts")
        .help("Attempts of the jobs that are remembered.")
        .callback(values -> values.call(metrics.sum(Job::attempt)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("heirloom_job_trained_steps")
        .help("Steps of the fine-tune that were done for the jobs that are worked on.")
        .callback(values -> values.call(metrics.trainedSteps()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("heirloom_job_idle_trainers")
        .help("Trainers that wait for a job.")
        .callback(values -> values.call(board.get().idleTrainers()))
        .register(registry);
  }

  private void states(GaugeWithCallback.Callback values) {
    for (JobState state : JobState.values()) {
      values.call((double) jobs().filter(job -> job.state() == state).count(), state.title());
    }
  }

  private double longestWaitSeconds() {
    long now = clock.millis();
    return jobs()
            .filter(job -> job.state() == JobState.QUEUED)
            .mapToLong(job -> Math.max(0, now - job.changedMs()))
            .max()
            .orElse(0)
        / 1e3;
  }

  private double sum(ToIntFunction<Job> count) {
    return (double) jobs().mapToInt(count).asLongStream().sum();
  }

  private double trainedSteps() {
    return (double)
        board.get().progress().values().stream().mapToLong(JobProgress::trainedSteps).sum();
  }

  private Stream<Job> jobs() {
    return board.get().jobs().jobs().stream();
  }
}
