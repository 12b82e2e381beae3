package dev.heirloom.bench;

import dev.heirloom.bench.grpc.InferenceLoad;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.control.demo.Disturbance;
import dev.heirloom.control.demo.ShapeSamples;
import dev.heirloom.proto.v1.FileKind;
import dev.heirloom.proto.v1.InheritRequest;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.proto.v1.SampleFiles;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.sample.SampleWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A job of the demo's teacher that is left alone, then the same job while its trainer and the
 * control plane are killed in turn at random moments; both beside a device that serves requests.
 *
 * <p>Figures: {@code restarts}, processes that were killed during the second job, {@code
 * kills_in_fine_tune} of them during its fine-tune; {@code lost_steps_ratio}, the steps of the
 * fine-tune that it did more than the first one, over the steps of the first; {@code points_apart},
 * the largest difference in accuracy between rungs of the same ranks; {@code p99_ratio}, the 99th
 * percentile of the device's time to an answer during the first job over that before it; {@code
 * failed_requests} during both; {@code job_s} and {@code disturbed_s}, how long trainers were at
 * work on each.
 */
final class JobsBenchmark implements Benchmark {

  /** What the device is asked takes about a fifth of a slow core, the client and all. */
  private static final int PER_SECOND = 25;

  private static final long WARM_UP_MS = 5000;
  private static final long BEFORE_MS = 60_000;
  private static final long SEED = 11;
  private static final long LOOK_MS = 100;

  /**
   * A step then takes about a second of a slow core, and the fine-tune most of the job: what is
   * killed before it has begun anything that is kept begins anew.
   */
  private static final int BATCH = 16;

  private static final Duration SERVING_PATIENCE = Duration.ofSeconds(60);
  private static final String DEVICE = "serving-device";

  /** Of the time that the first job took: later ones might come after the end of the second. */
  private static final double LATEST = 0.95;

  @Override
  public String name() {
    return "jobs";
  }

  @Override
  public String description() {
    return "a job whose trainer and control plane are killed, and a device beside it";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("lost_steps_ratio", 0.1),
        Goal.atMost("points_apart", 0.3),
        Goal.atMost("p99_ratio", 2),
        Goal.atMost("failed_requests", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Family family = UntrainedShapes.inherit(run);
    int steps = run.quick() ? 20 : 200;
    int kills = run.quick() ? 2 : 10;
    Path train = data(run, "job-train.npz", run.quick() ? 400 : 600, 1);
    Path validate = data(run, "job-validate.npz", run.quick() ? 400 : 1000, 2);
    try (KilledPlane plane = KilledPlane.start(run.directory())) {
      try (ControlPlaneClient client = new ControlPlaneClient(plane.address())) {
        Publication.publish(client, family, sent -> {});
        JobsClient jobs = new JobsClient(client);
        jobs.upload(
            "job.onnx",
            FileKind.FILE_KIND_TEACHER,
            run.directory().resolve("shapes.onnx"),
            sent -> {});
        jobs.upload("train.npz", FileKind.FILE_KIND_DATA, train, sent -> {});
        jobs.upload("validate.npz", FileKind.FILE_KIND_DATA, validate, sent -> {});
      }
      InheritRequest request = request(family.manifest().getName(), steps, kills);
      return figures(besideADevice(run, plane, family, request, kills));
    }
  }

  private static Path data(Run run, String name, int images, long seed) throws Exception {
    Path file = run.directory().resolve(name);
    SampleWriter.write(ShapeSamples.render(images, seed, new Disturbance.None()), file);
    return file;
  }

  /** Ranks are given, as a job chooses them by what it measures while the machine is busy. */
  private static InheritRequest request(String family, int steps, int kills) {
    return InheritRequest.newBuilder()
        .setTeacher("job.onnx")
        .setTrain(SampleFiles.newBuilder().addFiles("train.npz"))
        .setValidate(SampleFiles.newBuilder().addFiles("validate.npz"))
        .putOptions("ladder-of", family)
        .putOptions("heads", "1")
        .putOptions("steps", Integer.toString(steps))
        .putOptions("batch", Integer.toString(BATCH))
        .setAttempts(kills + 2)
        .build();
  }

  private static List<Long> moments(Run run, int kills, long workedNs) {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Long> moments =
        random
            .doubles(kills, 0, LATEST)
            .sorted()
            .mapToObj(share -> Math.round(share * workedNs))
            .toList();
    run.say().accept("seed " + SEED + ", moments of work: " + seconds(moments));
    return moments;
  }

  private static String seconds(List<Long> moments) {
    return String.join(
        ", ", moments.stream().map(ns -> String.format(Locale.ROOT, "%.1f s", ns / 1e9)).toList());
  }

  /** Both jobs, and what the device said before the first and during it; in milliseconds. */
  private record Beside(
      JobTrial first, JobTrial second, List<Double> before, List<Double> during, long failed) {}

  private static Beside besideADevice(
      Run run, KilledPlane plane, Family family, InheritRequest request, int kills)
      throws Exception {
    try (KilledAgent agent =
            KilledAgent.start(plane.port(), DEVICE, run.directory().resolve(DEVICE));
        ControlPlaneClient client = new ControlPlaneClient(plane.address())) {
      awaitServing(run, client, agent);
      try (InferenceLoad load = new InferenceLoad(agent.port().orElseThrow(), family.manifest())) {
        load.start(PER_SECOND);
        Thread.sleep(WARM_UP_MS);
        long fromNs = System.nanoTime();
        Thread.sleep(BEFORE_MS);
        long beganNs = System.nanoTime();
        JobTrial first = JobTrial.of(run, plane, request, List.of());
        long endedNs = System.nanoTime();
        run.say()
            .accept(
                String.format(
                    Locale.ROOT,
                    "undisturbed: %d steps in %.1f s, %.0f s of work",
                    first.trainedSteps(),
                    first.tunedNs() / 1e9,
                    first.workedNs() / 1e9));
        JobTrial second = JobTrial.of(run, plane, request, moments(run, kills, first.workedNs()));
        List<Double> before = new ArrayList<>();
        List<Double> during = new ArrayList<>();
        for (InferenceLoad.Answered answer : load.end()) {
          if (answer.sentNs() >= beganNs && answer.sentNs() <= endedNs) {
            during.add(answer.ns() / 1e6);
          } else if (answer.sentNs() >= fromNs && answer.sentNs() < beganNs) {
            before.add(answer.ns() / 1e6);
          }
        }
        return new Beside(first, second, before, during, load.unanswered());
      }
    }
  }

  private static void awaitServing(Run run, ControlPlaneClient client, KilledAgent agent)
      throws Exception {
    long untilNs = System.nanoTime() + SERVING_PATIENCE.toNanos();
    boolean serving = false;
    while (!serving) {
      run.check();
      if (System.nanoTime() > untilNs || !agent.alive()) {
        throw new CommandException(
            "the agent does not serve", agent.lines().toArray(String[]::new));
      }
      Thread.sleep(LOOK_MS);
      serving =
          agent.port().isPresent()
              && client.devices().stream().anyMatch(device -> device.getReportedRung() > 0);
    }
  }

  private static Figures figures(Beside beside) throws CommandException {
    JobTrial first = beside.first();
    JobTrial second = beside.second();
    Figures figures =
        Figures.none()
            .with("restarts", second.restarts())
            .with("kills_in_fine_tune", second.inFineTune())
            .with(
                "lost_steps_ratio",
                (double) (second.trainedSteps() - first.trainedSteps()) / first.trainedSteps())
            .with("points_apart", pointsApart(first.manifest(), second.manifest()))
            .withPercentile("before_p99_ms", 0.99, beside.before())
            .withPercentile("during_p99_ms", 0.99, beside.during());
    return figures
        .with(
            "p99_ratio",
            figures.value("during_p99_ms").orElseThrow()
                / figures.value("before_p99_ms").orElseThrow())
        .with("failed_requests", (double) beside.failed())
        .with("steps", first.trainedSteps())
        .with("attempts", second.job().getAttempt())
        .with("job_s", first.workedNs() / 1e9)
        .with("disturbed_s", second.workedNs() / 1e9);
  }

  /** In percentage points, over rungs of the same ranks. */
  private static double pointsApart(Manifest first, Manifest second) throws CommandException {
    if (first.getRungsCount() != second.getRungsCount()) {
      throw new CommandException("the jobs chose ladders of other lengths");
    }
    double most = 0;
    for (int i = 0; i < first.getRungsCount(); i++) {
      Rung one = first.getRungs(i);
      Rung other = second.getRungs(i);
      if (!one.getRanksList().equals(other.getRanksList())) {
        throw new CommandException("the jobs chose other ranks at rung " + (i + 1));
      }
      most = Math.max(most, 100 * Math.abs(one.getAccuracy() - other.getAccuracy()));
    }
    return most;
  }
}
