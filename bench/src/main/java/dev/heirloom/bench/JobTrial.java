package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.JobProgress;
import dev.heirloom.proto.v1.JobState;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One job from its submission to its family, disturbed at some moments or not.
 *
 * @param workedNs how long a trainer was at work on it
 * @param tunedNs how much of that in the fine-tune
 * @param trainedSteps of the fine-tune that its trainers did altogether, as they say themselves
 * @param restarts processes that were killed
 * @param inFineTune of them, how many during the fine-tune
 */
record JobTrial(
    Job job,
    Manifest manifest,
    long workedNs,
    long tunedNs,
    long trainedSteps,
    int restarts,
    int inFineTune) {
  private static final Duration LONGEST = Duration.ofMinutes(30);
  private static final long LOOK_MS = 50;
  private static final int LONGEST_CALL_MS = 300;

  /**
   * Runs one.
   *
   * @param momentsNs of work after which something is killed, in their order: a trainer, then the
   *     control plane, and so on
   */
  static JobTrial of(Run run, KilledPlane plane, InheritRequest request, List<Long> momentsNs)
      throws Exception {
    String id;
    try (ControlPlaneClient client = new ControlPlaneClient(plane.address());
        JobsClient.JobWatch watch = new JobsClient(client).submit(request)) {
      id = submitted(watch);
    }
    long startNs = System.nanoTime();
    long workedNs = 0;
    long tunedNs = 0;
    long beforeNs = startNs;
    long steps = 0;
    int restarts = 0;
    int inFineTune = 0;
    ControlPlaneClient client = new ControlPlaneClient(plane.address());
    try {
      while (System.nanoTime() - startNs < LONGEST.toNanos()) {
        run.check();
        Optional<Job> job = look(client, id);
        long nowNs = System.nanoTime();
        if (job.filter(JobTrial::running).isPresent() && plane.trainer().isPresent()) {
          workedNs += nowNs - beforeNs;
          if (job.get().getState() == JobState.JOB_STATE_FINE_TUNING) {
            tunedNs += nowNs - beforeNs;
          }
          steps = Math.max(steps, job.get().getProgress().getTrainedSteps());
        }
        beforeNs = nowNs;
        if (job.filter(JobTrial::ended).isPresent()) {
          return new JobTrial(
              job.get(),
              manifest(plane, job.get()),
              workedNs,
              tunedNs,
              steps,
              restarts,
              inFineTune);
        }
        if (job.isPresent() && restarts < momentsNs.size() && workedNs >= momentsNs.get(restarts)) {
          client = kill(run, plane, client, restarts, job.get());
          restarts++;
          inFineTune += job.get().getState() == JobState.JOB_STATE_FINE_TUNING ? 1 : 0;
          beforeNs = System.nanoTime();
        }
        Thread.sleep(LOOK_MS);
      }
    } finally {
      client.close();
    }
    throw new CommandException(id + " did not end in " + LONGEST.toMinutes() + " minutes");
  }

  private static String submitted(JobsClient.JobWatch watch) throws Exception {
    Optional<Job> first = Optional.empty();
    while (first.isEmpty() && !watch.ended()) {
      first = watch.next(Duration.ofMillis(LONGEST_CALL_MS));
    }
    return first.orElseThrow(() -> new CommandException("the job was not taken")).getId();
  }

  private static Optional<Job> look(ControlPlaneClient client, String id) {
    try {
      return Optional.of(new JobsClient(client).job(id));
    } catch (ControlPlaneException e) {
      return Optional.empty();
    }
  }

  private static boolean running(Job job) {
    return !ended(job) && job.getState() != JobState.JOB_STATE_QUEUED;
  }

  private static boolean ended(Job job) {
    return job.getState().getNumber() >= JobState.JOB_STATE_PUBLISHED_VALUE;
  }

  private static ControlPlaneClient kill(
      Run run, KilledPlane plane, ControlPlaneClient client, int before, Job job)
      throws IOException, InterruptedException {
    boolean trainers = before % 2 == 0;
    JobProgress progress = job.getProgress();
    run.say()
        .accept(
            "killing the %s (%d): %s, %d steps done, %d kept"
                .formatted(
                    trainers ? "trainer" : "control plane",
                    before + 1,
                    job.getState(),
                    progress.getTrainedSteps(),
                    progress.getKeptSteps()));
    if (trainers) {
      Optional<ProcessHandle> trainer = plane.trainer();
      if (trainer.isPresent()) {
        trainer.get().destroyForcibly();
        trainer.get().onExit().join();
      }
      return client;
    }
    client.close();
    plane.killAndRestart();
    return new ControlPlaneClient(plane.address());
  }

  private static Manifest manifest(KilledPlane plane, Job job)
      throws IOException, MalformedException, CommandException {
    if (job.getState() != JobState.JOB_STATE_PUBLISHED) {
      throw new CommandException(job.getId() + " did not publish: " + job.getReason());
    }
    DirectoryBlobStore blobs = new DirectoryBlobStore(plane.data().resolve("blobs"));
    try (InputStream content =
        Channels.newInputStream(blobs.open(Digest.wrap(job.getManifestSha256())))) {
      return Manifests.parse(content.readAllBytes());
    }
  }
}
