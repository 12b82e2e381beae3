package dev.heirloom.control.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.TrainerClient;
import dev.heirloom.control.fixture.ScriptedPlane;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.WorkAnswer;
import dev.heirloom.proto.v1.WorkEnd;
import dev.heirloom.proto.v1.WorkFile;
import dev.heirloom.proto.v1.WorkLease;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Family;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A trainer and a control plane that does what the test says. */
@Timeout(60)
class TrainerTest {
  private static final long PATIENCE_S = 20;

  private final Path directory;
  private final ScriptedPlane plane = new ScriptedPlane();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicBoolean gaveUp = new AtomicBoolean();
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

  TrainerTest(@TempDir Path directory) throws Exception {
    this.directory = directory;
  }

  @AfterEach
  void stop() {
    stop.set(true);
    plane.close();
  }

  private static WorkFile file(String name) {
    return WorkFile.newBuilder()
        .setName(name)
        .setSha256(Digest.of(name.getBytes(StandardCharsets.UTF_8)).bytes())
        .setSizeBytes(1000)
        .build();
  }

  private static WorkOrder order(String job, String teacher) {
    return WorkOrder.newBuilder()
        .setLease(WorkLease.newBuilder().setJob(job).setAttempt(1).setTrainer("t").setKey("k"))
        .setTeacher(file(teacher))
        .addTrain(file("train.npz"))
        .addValidate(file("validate.npz"))
        .build();
  }

  private CompletableFuture<String> run() throws Exception {
    Trainer trainer =
        Trainer.at(
            directory.resolve("work"),
            new TrainerClient(new ControlPlaneClient(new HostPort("127.0.0.1", plane.port()))),
            new TrainerOptions("cpu", 1, Duration.ZERO, Optional.empty()),
            stop::get,
            () -> gaveUp.set(true),
            said::add);
    return CompletableFuture.supplyAsync(
        () -> {
          try (trainer) {
            trainer.run();
            return "";
          } catch (Exception e) {
            return String.valueOf(e.getMessage());
          }
        });
  }

  private void awaitSaid(String part) throws InterruptedException {
    String line = said.poll(PATIENCE_S, TimeUnit.SECONDS);
    while (line != null && !line.contains(part)) {
      line = said.poll(PATIENCE_S, TimeUnit.SECONDS);
    }
    assertThat(line).as("nothing more was said").isNotNull();
  }

  @Test
  void leavesAFileThatDoesNotComeWhenTheJobIsCancelled() throws Exception {
    plane.orders.add(order("job-1", "wide.onnx"));
    CompletableFuture<String> run = run();
    awaitSaid("fetch");
    plane.standing = WorkAnswer.newBuilder().setReason("the job was cancelled").build();
    awaitSaid("given up, the job was cancelled");
    assertThat(plane.ends).isEmpty();
    assertThat(gaveUp).isFalse();

    plane.standing = WorkAnswer.newBuilder().setGoOn(true).build();
    plane.orders.add(order("job-2", "wide.onnx"));
    awaitSaid("job-2: fetch");
    stop.set(true);
    assertThat(run.get(PATIENCE_S, TimeUnit.SECONDS)).isEmpty();
    assertThat(plane.ends)
        .extracting(WorkEnd::getOutcome)
        .containsExactly(WorkEnd.Outcome.OUTCOME_RELEASED);
  }

  @Test
  void takesNoMoreOfAFileThanItsSize() throws Exception {
    plane.fetched = ByteString.copyFrom(new byte[1001]);
    plane.orders.add(order("job-1", "wide.onnx"));
    CompletableFuture<String> run = run();
    assertThat(plane.ends.poll(PATIENCE_S, TimeUnit.SECONDS))
        .returns(WorkEnd.Outcome.OUTCOME_FAILED, WorkEnd::getOutcome)
        .returns("wide.onnx: more comes than its 1000 bytes", WorkEnd::getReason);
    stop.set(true);
    run.get(PATIENCE_S, TimeUnit.SECONDS);
  }

  @Test
  void waitsWhereAnEarlierCallStillBringsTheSameFamily() throws Exception {
    WorkOrder order = order("job-1", "tiny.onnx");
    try (Workplace place = Workplace.claim(directory.resolve("work"))) {
      TinyFamily tiny = TinyFamily.small();
      Family.write(place.home(order).resolve("family"), tiny.manifest(), tiny.blobs());
    }
    for (int call = 0; call < 4; call++) {
      plane.publishRefusals.add(Status.ABORTED.withDescription("blob ab is being brought"));
    }
    plane.publishRefusals.add(Status.RESOURCE_EXHAUSTED.withDescription("concurrent results"));
    plane.orders.add(order);
    CompletableFuture<String> run = run();
    awaitSaid("job-1: published");
    assertThat(plane.published).hasValue(1);
    assertThat(plane.ends).isEmpty();
    stop.set(true);
    assertThat(run.get(PATIENCE_S, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void goesOnAskingWhereItAskedTooOftenAndEndsWhereItMayNot() throws Exception {
    plane.workRefusals.add(Status.RESOURCE_EXHAUSTED.withDescription("calls: too many"));
    plane.orders.add(order("job-1", "wide.onnx"));
    CompletableFuture<String> run = run();
    awaitSaid("job-1: fetch");
    plane.workRefusals.add(Status.UNAUTHENTICATED.withDescription("the token is revoked"));
    plane.reportRefusal = Status.UNAUTHENTICATED.withDescription("the token is revoked");
    awaitSaid("given up, the control plane");
    assertThat(run.get(PATIENCE_S, TimeUnit.SECONDS)).contains("the token is revoked");
  }

  @Test
  void failsAJobThatItCannotKeepAndGoesOn() throws Exception {
    Path outside = Files.writeString(directory.resolve("outside"), "mine");
    plane.orders.add(order("../../outside", "wide.onnx"));
    plane.orders.add(order("job-2", "../../../outside"));
    Files.createDirectories(directory.resolve("work"));
    CompletableFuture<String> run = run();
    for (String name : new String[] {"../../outside", "../../../outside"}) {
      assertThat(plane.ends.poll(PATIENCE_S, TimeUnit.SECONDS))
          .returns(WorkEnd.Outcome.OUTCOME_FAILED, WorkEnd::getOutcome)
          .satisfies(end -> assertThat(end.getReason()).contains("'" + name + "': no name"));
    }
    assertThat(outside).hasContent("mine");
    plane.orders.add(order("job-3", "wide.onnx"));
    awaitSaid("job-3: fetch");
    stop.set(true);
    assertThat(run.get(PATIENCE_S, TimeUnit.SECONDS)).isEmpty();
  }
}
