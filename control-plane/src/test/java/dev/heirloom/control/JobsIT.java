package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.control.cli.grpc.TrainerClient;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.WideFiles;
import dev.heirloom.control.trainer.Trainer;
import dev.heirloom.control.trainer.TrainerOptions;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.JobLease;
import dev.heirloom.proto.v1.JobState;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.runtime.family.Manifests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsIT {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final long LONGEST_NS = Duration.ofSeconds(120).toNanos();

  private final Path directory;
  private final WideFiles files;

  JobsIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.files = WideFiles.write(directory);
  }

  private ControlPlane plane(boolean trainer) throws Exception {
    JobSettings usual = JobSettings.USUAL;
    return ControlPlane.start(
        new ControlPlaneSettings(
            directory.resolve("data"),
            0,
            0,
            ControlPlaneSettings.LOOPBACK,
            false,
            DeliverySettings.UNLIMITED,
            OptionalInt.empty(),
            ControlPlaneSettings.CERTIFICATE_VALID,
            trainer ? usual : usual.withoutTrainer()));
  }

  private static ControlPlaneClient client(ControlPlane plane) {
    return new ControlPlaneClient(new HostPort("127.0.0.1", plane.grpcPort()));
  }

  private static Job await(JobsClient.JobWatch watch, Predicate<Job> wanted) throws Exception {
    long startNs = System.nanoTime();
    Optional<Job> last = Optional.empty();
    while (System.nanoTime() - startNs < LONGEST_NS && !watch.ended()) {
      Optional<Job> next = watch.next(LOOK);
      if (next.filter(wanted).isPresent()) {
        return next.get();
      }
      last = next.or(() -> Optional.empty()).isPresent() ? next : last;
    }
    throw new AssertionError("not so in time; last: " + last);
  }

  @Test
  void makesAFamilyOfAnUploadedTeacherInAProcessOfItsOwn() throws Exception {
    try (ControlPlane plane = plane(true);
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(30))) {
        List<JobState> seen = new ArrayList<>();
        Job ended =
            await(
                watch,
                job -> {
                  seen.add(job.getState());
                  return job.getState().getNumber() >= JobState.JOB_STATE_PUBLISHED_VALUE;
                });
        assertThat(ended.getReason()).isEmpty();
        assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_PUBLISHED);
        assertThat(ended.getFamily()).isEqualTo("wide");
        assertThat(seen).contains(JobState.JOB_STATE_QUEUED, JobState.JOB_STATE_FINE_TUNING);
        assertThat(seen).isSorted();
      }
    }
  }

  @Test
  void stopsTheTrainersWorkWithinSecondsOfACancel() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane);
        Trainer trainer = trainer(plane, stop)) {
      CompletableFuture<Void> run = run(trainer);
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      Job begun;
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(1_000_000))) {
        begun = await(watch, job -> job.getState() == JobState.JOB_STATE_FINE_TUNING);
      }
      assertThatThrownBy(() -> jobs.remove("train.npz"))
          .isInstanceOf(ControlPlaneException.class)
          .hasMessageContaining("train.npz is needed by " + begun.getId());
      jobs.cancel(begun.getId(), "a mistake");
      long cancelledNs = System.nanoTime();
      try (JobsClient.JobWatch next = jobs.submit(WideFiles.request(0))) {
        await(next, job -> job.getAttempt() == 1);
        assertThat(Duration.ofNanos(System.nanoTime() - cancelledNs))
            .isLessThan(Duration.ofSeconds(10));
        await(next, job -> job.getState() == JobState.JOB_STATE_PUBLISHED);
      }
      assertThat(jobs.job(begun.getId()).getReason()).isEqualTo("a mistake");
      jobs.remove("train.npz");
      assertThat(jobs.files()).extracting(file -> file.getName()).doesNotContain("train.npz");
      stop.set(true);
      run.join();
    }
  }

  @Test
  void goesOnFromTheCheckpointAfterItsTrainerStopped() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(150))) {
        Job interrupted;
        try (Trainer trainer = trainer(plane, stop)) {
          CompletableFuture<Void> run = run(trainer);
          interrupted = await(watch, job -> job.getProgress().getKeptSteps() > 5);
          stop.set(true);
          run.join();
        }
        Job waiting = await(watch, job -> job.getState() == JobState.JOB_STATE_QUEUED);
        assertThat(waiting.getReason()).isEqualTo("its trainer stopped");
        stop.set(false);
        try (Trainer trainer = trainer(plane, stop)) {
          CompletableFuture<Void> run = run(trainer);
          Job again = await(watch, job -> job.getProgress().getTrainedSteps() > 0
              && job.getAttempt() == 2 && job.getProgress().getStage().equals("fine-tune")
              && job.getProgress().getDone() > 0);
          assertThat(again.getProgress().getDone())
              .isGreaterThan(interrupted.getProgress().getKeptSteps());
          // Nothing was repeated: as many steps were done as the fine-tune is far.
          assertThat(again.getProgress().getTrainedSteps())
              .isEqualTo(again.getProgress().getDone());
          await(watch, job -> job.getState() == JobState.JOB_STATE_PUBLISHED);
          stop.set(true);
          run.join();
        }
      }
    }
  }

  @Test
  void doesNotLetATrainerPublishThatLostItsLease() throws Exception {
    TinyFamily family = TinyFamily.small();
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane);
        ControlPlaneClient trainers = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      TrainerClient work = new TrainerClient(trainers);
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(0))) {
        WorkOrder first = work.next("a", () -> false).orElseThrow();
        WorkOrder second = work.next("a", () -> false).orElseThrow();
        assertThat(second.getLease())
            .isEqualTo(first.getLease().toBuilder().setAttempt(2).build());
        assertThatThrownBy(() -> publish(client, first.getLease(), family))
            .isInstanceOf(ControlPlaneException.class)
            .hasMessageContaining("attempt 2 has taken its place");
        publish(client, second.getLease(), family);
        Job published = await(watch, job -> job.getState() == JobState.JOB_STATE_PUBLISHED);
        assertThat(published.getManifestSha256()).isEqualTo(family.digest().bytes());
        assertThatThrownBy(() -> publish(client, second.getLease(), family))
            .hasMessageContaining("published already");
      }
    }
  }

  private static void publish(ControlPlaneClient client, JobLease lease, TinyFamily family)
      throws Exception {
    client.publish(
        Optional.of(lease),
        family.manifest().toByteArray(),
        Optional.empty(),
        Manifests.all(family.manifest()),
        family.blobs(),
        sent -> {});
  }

  @Test
  void failsAJobThatIsRefusedAndSaysWhy() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Path broken = Files.write(directory.resolve("broken.npz"), new byte[] {1, 2, 3});
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane);
        Trainer trainer = trainer(plane, stop)) {
      CompletableFuture<Void> run = run(trainer);
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      jobs.upload("broken.npz", FileKind.FILE_KIND_DATA, broken, sent -> {});
      var request = WideFiles.request(0).toBuilder();
      request.getTrainBuilder().setFiles(0, "broken.npz");
      try (JobsClient.JobWatch watch = jobs.submit(request.build())) {
        Job failed = await(watch, job -> job.getState() == JobState.JOB_STATE_FAILED);
        assertThat(failed.getReason()).contains("broken.npz");
        assertThat(failed.getAttempt()).isEqualTo(1);
      }
      assertThatThrownBy(
              () -> jobs.submit(WideFiles.request(0).toBuilder().putOptions("rungs", "x").build()).next(Duration.ofSeconds(20)))
          .hasMessageContaining("rungs: 'x' cannot be read");
      assertThatThrownBy(
              () -> jobs.submit(WideFiles.request(0).toBuilder().setTeacher("no").build()).next(Duration.ofSeconds(20)))
          .hasMessageContaining("no such uploaded file: no");
      stop.set(true);
      run.join();
    }
  }

  @Test
  void refusesATeacherThatCannotBeInheritedFromAndKeepsNothingOfIt() throws Exception {
    Path text = Files.writeString(directory.resolve("text.onnx"), "no network");
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      assertThatThrownBy(
              () -> jobs.upload("text.onnx", FileKind.FILE_KIND_TEACHER, text, sent -> {}))
          .isInstanceOf(ControlPlaneException.class)
          .hasMessageContaining("INVALID_ARGUMENT");
      assertThat(jobs.files()).isEmpty();
    }
  }

  private Trainer trainer(ControlPlane plane, AtomicBoolean stop) throws Exception {
    return Trainer.at(
        directory.resolve("work"),
        new TrainerClient(client(plane)),
        new TrainerOptions("cpu", 1, Duration.ZERO, Optional.empty()),
        stop::get,
        line -> {});
  }

  private static CompletableFuture<Void> run(Trainer trainer) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            trainer.run();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
