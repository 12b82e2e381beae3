package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.cli.ClientAccess;
import dev.heirloom.control.cli.CommandLineRun;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.control.cli.grpc.TrainerClient;
import dev.heirloom.control.fixture.WideFiles;
import dev.heirloom.control.store.TrustDirectory;
import dev.heirloom.control.trainer.Trainer;
import dev.heirloom.control.trainer.TrainerOptions;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.JobState;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.DirectoryBlobStore;
import dev.heirloom.runtime.family.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsIT {
  private static final Duration LOOK = Duration.ofMillis(200);

  /** A fine-tune that lasts for more than one of a trainer's reports. */
  private static final int LASTING_STEPS = 150;

  private static final long LONGEST_NS = Duration.ofSeconds(120).toNanos();

  private final Path directory;
  private final WideFiles files;

  JobsIT(@TempDir Path directory) throws Exception {
    this.directory = directory;
    this.files = WideFiles.write(directory);
  }

  /** With a trainer that need not wait for whatever else this machine does. */
  private static final JobSettings WORKING =
      new JobSettings(JobSettings.USUAL.uploadBytes(), true, 2, 0);

  private ControlPlane plane(boolean trainer) throws Exception {
    return plane(trainer ? WORKING : WORKING.withoutTrainer());
  }

  private ControlPlane plane(JobSettings jobs) throws Exception {
    return plane(directory.resolve("data"), jobs);
  }

  private static ControlPlane plane(Path data, JobSettings jobs) throws Exception {
    return ControlPlane.start(
        new ControlPlaneSettings(
            data,
            0,
            0,
            ControlPlaneSettings.LOOPBACK,
            false,
            DeliverySettings.UNLIMITED,
            OptionalInt.empty(),
            ControlPlaneSettings.CERTIFICATE_VALID,
            jobs));
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
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(LASTING_STEPS))) {
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
  void takesTheRanksOfAPublishedFamily() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane);
        Trainer trainer = trainer(plane, stop)) {
      CompletableFuture<Void> run = run(trainer);
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      InheritRequest anew =
          WideFiles.request(1).toBuilder()
              .putOptions("rungs", "1")
              .putOptions("ladder-of", "wide")
              .build();
      assertThatThrownBy(() -> jobs.submit(anew).next(Duration.ofSeconds(20)))
          .hasMessageContaining("no such family: wide");

      Manifest first = published(jobs, WideFiles.request(0));
      Manifest second = published(jobs, anew);

      assertThat(first.getRungsCount()).isEqualTo(2);
      assertThat(ranks(second)).isEqualTo(ranks(first));
      stop.set(true);
      run.join();
    }
  }

  private static List<List<Integer>> ranks(Manifest manifest) {
    return manifest.getRungsList().stream().map(Rung::getRanksList).toList();
  }

  private Manifest published(JobsClient jobs, InheritRequest request) throws Exception {
    try (JobsClient.JobWatch watch = jobs.submit(request)) {
      Job ended =
          await(watch, job -> job.getState().getNumber() >= JobState.JOB_STATE_PUBLISHED_VALUE);
      assertThat(ended.getReason()).isEmpty();
      DirectoryBlobStore blobs = new DirectoryBlobStore(directory.resolve("data/blobs"));
      try (InputStream content =
          Channels.newInputStream(blobs.open(Digest.wrap(ended.getManifestSha256())))) {
        return Manifests.parse(content.readAllBytes());
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
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(LASTING_STEPS))) {
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
          Job again =
              await(
                  watch,
                  job ->
                      job.getProgress().getTrainedSteps() > 0
                          && job.getAttempt() == 2
                          && job.getProgress().getStage().equals("fine-tune")
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
  void goesOnWithABrokenUploadAndTakesNoMoreThanFits() throws Exception {
    Path large = Files.write(directory.resolve("large.npz"), new byte[3 << 20]);
    try (ControlPlane plane = plane(JobSettings.USUAL.withoutTrainer().withUploadBytes(4 << 20));
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      assertThatThrownBy(
              () ->
                  jobs.upload(
                      "large.npz",
                      FileKind.FILE_KIND_DATA,
                      large,
                      sent -> {
                        if (sent > 1 << 20) {
                          awaitArrived();
                          throw new IllegalStateException("broken");
                        }
                      }))
          .hasMessage("broken");
      List<Long> steps = new ArrayList<>();
      retry(
          () -> {
            steps.clear();
            jobs.upload("large.npz", FileKind.FILE_KIND_DATA, large, steps::add);
          });
      // The first piece of a whole upload ends at 256 KiB.
      assertThat(steps.get(0)).isGreaterThan(256 << 10);
      assertThat(jobs.files().get(0).getSizeBytes()).isEqualTo(3 << 20);

      Path more = Files.write(directory.resolve("more.npz"), new byte[(1 << 20) + 1]);
      assertThatThrownBy(() -> jobs.upload("more.npz", FileKind.FILE_KIND_DATA, more, sent -> {}))
          .hasMessageContaining("RESOURCE_EXHAUSTED")
          .hasMessageContaining("--upload-limit: 1048576");
      jobs.remove("large.npz");
      jobs.upload("more.npz", FileKind.FILE_KIND_DATA, more, sent -> {});
    }
  }

  @Test
  void countsWhatHasArrivedOfAnUploadOnce() throws Exception {
    Path large = Files.write(directory.resolve("large.npz"), new byte[3 << 20]);
    Path small = Files.write(directory.resolve("small.npz"), new byte[(1 << 20) - 1]);
    AtomicBoolean both = new AtomicBoolean();
    try (ControlPlane plane = plane(JobSettings.USUAL.withoutTrainer().withUploadBytes(4 << 20));
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      jobs.upload(
          "large.npz",
          FileKind.FILE_KIND_DATA,
          large,
          sent -> {
            if (sent > 1 << 20 && !both.getAndSet(true)) {
              awaitArrived();
              upload(jobs, small);
            }
          });
      assertThat(jobs.files())
          .extracting(file -> file.getName())
          .containsExactly("large.npz", "small.npz");
    }
  }

  private static void upload(JobsClient jobs, Path file) {
    try {
      jobs.upload(file.getFileName().toString(), FileKind.FILE_KIND_DATA, file, sent -> {});
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void triesNoJobAgainWhoseFilesAreGoneUntilTheyAreBack() throws Exception {
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      String id = jobs.submitDetached(WideFiles.request(0)).getId();
      jobs.cancel(id, "a mistake");
      jobs.remove("train.npz");
      assertThatThrownBy(() -> jobs.retry(id))
          .isInstanceOf(ControlPlaneException.class)
          .hasMessageContaining("train.npz (")
          .hasMessageContaining("was removed: upload the same file again");
      assertThat(jobs.job(id).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      jobs.upload("again.npz", FileKind.FILE_KIND_DATA, files.train(), sent -> {});
      assertThat(jobs.retry(id).getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
    }
  }

  @Test
  void takesNoJobWhoseFamilyItCouldNotPublish() throws Exception {
    Path trust = directory.resolve("data").resolve(ControlPlane.TRUST);
    TrustDirectory.create(trust, directory.resolve("elsewhere"));
    try (ControlPlane plane = plane(false);
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      assertThatThrownBy(() -> jobs.submitDetached(WideFiles.request(0)))
          .isInstanceOf(ControlPlaneException.class)
          .hasMessageContaining("this control plane has no release key");
      assertThat(jobs.jobs(10)).isEmpty();
    }
  }

  /** Until a part of the file is on the control plane's disk. */
  private void awaitArrived() {
    Path parts = directory.resolve("data/teachers/blobs/partial");
    long startNs = System.nanoTime();
    while (System.nanoTime() - startNs < LONGEST_NS) {
      try (Stream<Path> found = Files.list(parts)) {
        if (found.anyMatch(part -> part.toFile().length() > 0)) {
          return;
        }
      } catch (NoSuchFileException e) {
        // Nothing has arrived yet.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      LockSupport.parkNanos(1_000_000);
    }
    throw new AssertionError("nothing arrived in time");
  }

  private interface Upload {
    void run() throws Exception;
  }

  /** Until the control plane has heard that the call before is over. */
  private static void retry(Upload upload) throws Exception {
    long startNs = System.nanoTime();
    while (true) {
      try {
        upload.run();
        return;
      } catch (ControlPlaneException e) {
        if (System.nanoTime() - startNs > LONGEST_NS) {
          throw e;
        }
      }
    }
  }

  @Test
  void worksOverTlsWithATokenOfItsOwn() throws Exception {
    Path data = directory.resolve("data");
    CommandLineRun init = CommandLineRun.of(List.of("init", "--data", data.toString()));
    assertThat(init.code()).as(init.messages().toString()).isZero();
    String admin =
        init.results().stream()
            .filter(line -> line.startsWith("admin token"))
            .map(line -> line.split(" +")[2])
            .findFirst()
            .orElseThrow();
    Path authority = data.resolve("access").resolve("ca.crt");
    try (ControlPlane plane = plane(true);
        ControlPlaneClient client =
            new ControlPlaneClient(
                new HostPort("127.0.0.1", plane.grpcPort()),
                new ClientAccess(Optional.of(authority), Optional.of(admin)))) {
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(0))) {
        Job ended = await(watch, job -> job.getState().getNumber() >= 6);
        assertThat(ended.getReason()).isEmpty();
        assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_PUBLISHED);
      }
      assertThatThrownBy(() -> new TrainerClient(client).next("an-admin", () -> false))
          .hasMessageContaining("PERMISSION_DENIED");
    }
  }

  @Test
  void goesOnWithARestoredJobFromItsCheckpoint() throws Exception {
    Path backup = directory.resolve("fleet.zip");
    long kept;
    String id;
    try (ControlPlane plane = plane(true);
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      files.upload(jobs);
      try (JobsClient.JobWatch watch = jobs.submit(WideFiles.request(1500))) {
        Job begun = await(watch, job -> job.getProgress().getKeptSteps() > 5);
        id = begun.getId();
        kept = begun.getProgress().getKeptSteps();
        assertThat(
                CommandLineRun.of(
                        List.of(
                            "backup",
                            backup.toString(),
                            "--control-plane",
                            "127.0.0.1:" + plane.grpcPort()))
                    .code())
            .isZero();
      }
    }
    assertThat(
            CommandLineRun.of(
                    List.of(
                        "restore",
                        backup.toString(),
                        "--data",
                        directory.resolve("restored").toString()))
                .code())
        .isZero();
    try (ControlPlane plane = plane(directory.resolve("restored"), WORKING);
        ControlPlaneClient client = client(plane)) {
      JobsClient jobs = new JobsClient(client);
      assertThat(jobs.files())
          .extracting(file -> file.getName())
          .containsExactly("train.npz", "validate.npz", "wide.onnx");
      try (JobsClient.JobWatch watch = jobs.watch(id)) {
        Job again =
            await(
                watch,
                job ->
                    job.getAttempt() > 1
                        && job.getProgress().getStage().equals("fine-tune")
                        && job.getProgress().getDone() > 0);
        assertThat(again.getProgress().getDone()).isGreaterThan(kept);
        jobs.cancel(id, "seen enough");
      }
    }
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
        assertThat(failed.getReason()).startsWith("broken.npz: not an .npz file");
        assertThat(failed.getAttempt()).isEqualTo(1);
      }
      assertThatThrownBy(
              () ->
                  jobs.submit(WideFiles.request(0).toBuilder().putOptions("rungs", "x").build())
                      .next(Duration.ofSeconds(20)))
          .hasMessageContaining("rungs: 'x' cannot be read");
      assertThatThrownBy(
              () ->
                  jobs.submit(WideFiles.request(0).toBuilder().setTeacher("no").build())
                      .next(Duration.ofSeconds(20)))
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
        () -> stop.set(true),
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
