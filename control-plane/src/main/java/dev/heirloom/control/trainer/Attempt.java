package dev.heirloom.control.trainer;

import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.cli.grpc.TrainerClient;
import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.InheritOptions;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.checkpoint.CheckpointException;
import dev.heirloom.inheritance.checkpoint.CheckpointPolicy;
import dev.heirloom.inheritance.checkpoint.CheckpointPolicy.Existing;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.WorkFile;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** One attempt of a job: its files, the inheritance or what is left of it, and the family. */
final class Attempt {
  /** Longer than the control plane holds a call whose caller is gone. */
  private static final long MOST_BUSY_NS = Duration.ofMinutes(10).toNanos();

  private final WorkOrder order;
  private final Path home;
  private final TrainerClient client;
  private final TrainerOptions options;
  private final WorkProgress progress;
  private final Pauses pauses = new Pauses();
  private OptionalLong busySinceNs = OptionalLong.empty();

  /**
   * @param home the job's directory
   */
  Attempt(
      WorkOrder order,
      Path home,
      TrainerClient client,
      TrainerOptions options,
      WorkProgress progress) {
    this.order = order;
    this.home = home;
    this.client = client;
    this.options = options;
    this.progress = progress;
  }

  /** Does all of it; what was done before is not done again. */
  void run()
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException,
          ControlPlaneException,
          InterruptedException {
    Path out = home.resolve("family");
    if (!Family.isFamily(out)) {
      Path teacher = fetch(order.getTeacher());
      String train = data(order.getTrainFormat(), order.getTrainList());
      String validate = data(order.getValidateFormat(), order.getValidateList());
      InheritOptions wanted =
          JobOptions.parse(order.getOptionsMap())
              .inherit(options.device(), options.threads(), ladder());
      inherit(teacher, train, validate, out, wanted);
    }
    publish(Family.open(out));
  }

  /** The family whose ranks are to be taken, if there is one. */
  private Optional<Manifest> ladder()
      throws IOException,
          MalformedException,
          ControlPlaneException,
          CancelledException,
          InterruptedException {
    if (!order.hasLadder()) {
      return Optional.empty();
    }
    Path manifest = fetch(order.getLadder(), home.resolve("ladder"));
    return Optional.of(Manifests.parse(Files.readAllBytes(manifest)));
  }

  private void inherit(Path teacher, String train, String validate, Path out, InheritOptions wanted)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    Path checkpoint = CheckpointPolicy.beside(out);
    if (Files.isDirectory(checkpoint)) {
      try {
        inherit(teacher, train, validate, out, wanted, Existing.RESUME);
        return;
      } catch (CheckpointException e) {
        progress.note("begun anew: " + e.getMessage());
      }
    }
    inherit(teacher, train, validate, out, wanted, Existing.RESTART);
  }

  private void inherit(
      Path teacher,
      String train,
      String validate,
      Path out,
      InheritOptions wanted,
      Existing existing)
      throws IOException,
          MalformedException,
          SessionException,
          TrainingException,
          RefusedException,
          CancelledException {
    Inheritance.run(
        teacher,
        train,
        validate,
        order.getNormalizeList(),
        out,
        wanted,
        Optional.of(
            new CheckpointPolicy(
                CheckpointPolicy.beside(out),
                existing,
                options.checkpointEvery(),
                spec ->
                    identity(spec.equals(train) ? order.getTrainList() : order.getValidateList()))),
        progress);
  }

  /** What was fetched is known by its digest, wherever and whenever that was. */
  private static String identity(List<WorkFile> files) {
    return files.stream()
        .map(file -> file.getName() + " " + Digest.wrap(file.getSha256()).hex())
        .collect(Collectors.joining(", "));
  }

  private String data(String format, List<WorkFile> files)
      throws IOException, ControlPlaneException, CancelledException, InterruptedException {
    List<String> paths = new ArrayList<>();
    for (WorkFile file : files) {
      paths.add(fetch(file).toString());
    }
    return (format.isEmpty() ? "" : format + ":") + String.join(",", paths);
  }

  /** Where what was fetched for a job lies. */
  static Path files(Path home) {
    return home.resolve("files");
  }

  private Path fetch(WorkFile file)
      throws IOException, ControlPlaneException, CancelledException, InterruptedException {
    return fetch(file, Files.createDirectories(files(home)).resolve(file.getName()));
  }

  private Path fetch(WorkFile file, Path target)
      throws IOException, ControlPlaneException, CancelledException, InterruptedException {
    progress.begin("fetch");
    while (true) {
      stopIfOver();
      try {
        boolean here =
            client.fetch(
                order.getLease(),
                file,
                target,
                came -> progress.bytes(came, file.getSizeBytes()),
                progress::cancelled);
        if (here) {
          answered();
          return target;
        }
      } catch (ControlPlaneException e) {
        again(e);
      }
    }
  }

  private void publish(Family family)
      throws IOException,
          MalformedException,
          ControlPlaneException,
          CancelledException,
          InterruptedException {
    progress.begin("publish");
    long total = Publication.bytes(family.manifest());
    while (true) {
      stopIfOver();
      try {
        boolean published =
            client.publish(
                order.getLease(), family, sent -> progress.bytes(sent, total), progress::cancelled);
        if (published) {
          return;
        }
      } catch (ControlPlaneException e) {
        again(e);
      }
    }
  }

  /**
   * A control plane that does not answer is waited for, one that is busy for a while: it may still
   * hold what a connection that broke off was about. Any other refusal is the end.
   */
  private void again(ControlPlaneException e) throws ControlPlaneException, InterruptedException {
    long nowNs = System.nanoTime();
    if (e.busy() && busySinceNs.isEmpty()) {
      busySinceNs = OptionalLong.of(nowNs);
      progress.note("waits: " + e.getMessage());
    }
    boolean waits =
        e.unreachable() || (e.busy() && nowNs - busySinceNs.orElse(nowNs) < MOST_BUSY_NS);
    if (!waits) {
      throw e;
    }
    pauses.await(progress::cancelled);
  }

  private void answered() {
    pauses.restart();
    busySinceNs = OptionalLong.empty();
  }

  private void stopIfOver() throws CancelledException {
    if (progress.cancelled()) {
      throw new CancelledException();
    }
  }
}
