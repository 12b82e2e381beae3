package dev.heirloom.control.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.JobSettings;
import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.JobsClient;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.WideFiles;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.BlobPiece;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.Job;
import dev.heirloom.proto.v1.JobProgress;
import dev.heirloom.proto.v1.JobState;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.TrainersGrpc;
import dev.heirloom.proto.v1.WorkEnd;
import dev.heirloom.proto.v1.WorkFetch;
import dev.heirloom.proto.v1.WorkLease;
import dev.heirloom.proto.v1.WorkOffer;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.proto.v1.WorkPublish;
import dev.heirloom.proto.v1.WorkReport;
import dev.heirloom.proto.v1.WorkRequest;
import dev.heirloom.runtime.family.Manifests;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a trainer may do, with the lease of a job and without. */
class TrainersIT {
  private final ControlPlane plane;
  private final Caller caller;
  private final ControlPlaneClient client;
  private final JobsClient jobs;
  private final WideFiles files;

  TrainersIT(@TempDir Path directory) throws Exception {
    plane =
        ControlPlane.start(
            new ControlPlaneSettings(
                directory.resolve("data"),
                0,
                0,
                ControlPlaneSettings.LOOPBACK,
                false,
                DeliverySettings.UNLIMITED,
                OptionalInt.empty(),
                ControlPlaneSettings.CERTIFICATE_VALID,
                JobSettings.USUAL.withoutTrainer()));
    caller = new Caller(plane.grpcPort());
    client = new ControlPlaneClient(new HostPort("127.0.0.1", plane.grpcPort()));
    jobs = new JobsClient(client);
    files = WideFiles.write(directory);
  }

  @BeforeEach
  void upload() throws Exception {
    files.upload(jobs);
  }

  @AfterEach
  void stop() {
    client.close();
    caller.close();
    plane.close();
  }

  private TrainersGrpc.TrainersBlockingStub trainers() {
    return TrainersGrpc.newBlockingStub(caller.channel()).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private WorkOrder take(String trainer) {
    return trainers().work(WorkRequest.newBuilder().setTrainer(trainer).build()).next();
  }

  private Job submit() throws Exception {
    return jobs.submitDetached(WideFiles.request(0));
  }

  /** A small family that says that it is of an order's teacher. */
  private static TinyFamily family(WorkOrder order, String name) throws Exception {
    return family(order, name, TinyFamily.small());
  }

  private static TinyFamily family(WorkOrder order, String name, TinyFamily tiny) throws Exception {
    Manifest.Builder manifest = tiny.manifest().toBuilder().setName(name);
    manifest.getTeacherBuilder().setSha256(order.getTeacher().getSha256());
    return new TinyFamily(manifest.build(), tiny.blobs());
  }

  private PublishResponse publish(WorkLease lease, TinyFamily family) throws Exception {
    return publish(lease, family, Manifests.all(family.manifest()));
  }

  /** With the blobs alone that are lacking there. */
  private PublishResponse publishRest(WorkLease lease, TinyFamily family) throws Exception {
    List<ByteString> missing =
        trainers()
            .offer(
                WorkOffer.newBuilder()
                    .setLease(lease)
                    .setManifest(family.manifest().toByteString())
                    .build())
            .getMissingList();
    return publish(
        lease,
        family,
        Manifests.all(family.manifest()).stream()
            .filter(blob -> missing.contains(blob.getSha256()))
            .toList());
  }

  private PublishResponse publish(WorkLease lease, TinyFamily family, Collection<Blob> brought)
      throws Exception {
    CompletableFuture<PublishResponse> answer = new CompletableFuture<>();
    StreamObserver<WorkPublish> call =
        TrainersGrpc.newStub(caller.channel()).publish(new Answer(answer));
    call.onNext(WorkPublish.newBuilder().setLease(lease).build());
    call.onNext(WorkPublish.newBuilder().setManifest(family.manifest().toByteString()).build());
    for (Blob blob : brought) {
      call.onNext(
          WorkPublish.newBuilder()
              .setPiece(
                  BlobPiece.newBuilder()
                      .setSha256(blob.getSha256())
                      .setContent(ByteString.copyFrom(family.blobs().read(blob))))
              .build());
    }
    call.onCompleted();
    try {
      return answer.orTimeout(20, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StatusRuntimeException status ? status : e;
    }
  }

  private record Answer(CompletableFuture<PublishResponse> answer)
      implements StreamObserver<PublishResponse> {
    @Override
    public void onNext(PublishResponse value) {
      answer.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }

  private static String refused(Status.Code code, ThrowingCallable call) {
    StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(thrown).isNotNull();
    assertThat(thrown.getStatus().getCode()).as(thrown.getMessage()).isEqualTo(code);
    return String.valueOf(thrown.getMessage());
  }

  @Test
  void publishesWithTheNewestLeaseOnly() throws Exception {
    Job job = submit();
    WorkOrder first = take("a");
    TinyFamily family = family(first, "wide");
    WorkOrder second = second("a");
    assertThat(second.getLease().getAttempt()).isEqualTo(2);
    assertThat(refused(Status.Code.FAILED_PRECONDITION, () -> publish(first.getLease(), family)))
        .contains("attempt 2 has taken its place");
    assertThat(
            refused(
                Status.Code.FAILED_PRECONDITION,
                () -> publish(second.getLease().toBuilder().setKey("guessed").build(), family)))
        .contains("another trainer works on it");
    assertThat(jobs.job(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_CALIBRATING);

    publish(second.getLease(), family);
    Job published = jobs.job(job.getId());
    assertThat(published.getState()).isEqualTo(JobState.JOB_STATE_PUBLISHED);
    assertThat(published.getManifestSha256()).isEqualTo(family.digest().bytes());
    assertThat(refused(Status.Code.FAILED_PRECONDITION, () -> publish(second.getLease(), family)))
        .contains("published already");
  }

  /** A trainer that began anew; a job that got nowhere is not given out again at once. */
  private WorkOrder second(String trainer) {
    long startNs = System.nanoTime();
    while (System.nanoTime() - startNs < TimeUnit.SECONDS.toNanos(30)) {
      Iterator<WorkOrder> orders =
          trainers().work(WorkRequest.newBuilder().setTrainer(trainer).build());
      if (orders.hasNext()) {
        return orders.next();
      }
    }
    throw new AssertionError("no second attempt");
  }

  @Test
  void publishesNothingButAFamilyOfItsJobsTeacher() throws Exception {
    submit();
    WorkOrder order = take("a");
    WorkLease lease = order.getLease();
    TinyFamily other = family(order, "not-mine");
    assertThat(refused(Status.Code.INVALID_ARGUMENT, () -> publish(lease, other)))
        .contains("'not-mine' (expected: wide, of the job)");
    TinyFamily foreign = TinyFamily.of("wide", 4, 1);
    assertThat(refused(Status.Code.INVALID_ARGUMENT, () -> publish(lease, foreign)))
        .contains("another than that of job-1");
    assertThat(
            refused(
                Status.Code.INVALID_ARGUMENT,
                () ->
                    trainers()
                        .offer(
                            WorkOffer.newBuilder()
                                .setLease(lease)
                                .setManifest(other.manifest().toByteString())
                                .build())))
        .contains("not-mine");
  }

  @Test
  void fetchesItsJobsFilesAndNoOthers() throws Exception {
    submit();
    WorkOrder order = take("a");
    assertThat(fetched(order.getLease(), order.getTeacher().getSha256()))
        .isEqualTo(order.getTeacher().getSizeBytes());
    Path other = files.teacher().resolveSibling("other.npz");
    java.nio.file.Files.write(other, new byte[] {1, 2, 3});
    ByteString digest =
        jobs.upload("other.npz", dev.heirloom.proto.v1.FileKind.FILE_KIND_DATA, other, sent -> {})
            .getSha256();
    assertThat(refused(Status.Code.INVALID_ARGUMENT, () -> fetched(order.getLease(), digest)))
        .contains("not of a file of job-1");
    assertThat(
            refused(
                Status.Code.FAILED_PRECONDITION,
                () ->
                    fetched(
                        WorkLease.newBuilder().setJob("job-1").setAttempt(1).build(),
                        order.getTeacher().getSha256())))
        .contains("the lease is over");
  }

  private long fetched(WorkLease lease, ByteString sha256) {
    Iterator<FetchResponse> pieces =
        trainers()
            .fetch(
                WorkFetch.newBuilder()
                    .setLease(lease)
                    .setBlob(BlobRange.newBuilder().setSha256(sha256))
                    .build());
    long bytes = 0;
    while (pieces.hasNext()) {
      bytes += pieces.next().getContent().size();
    }
    return bytes;
  }

  @Test
  void leavesTheCurrentVersionWhereAJobIsToHoldItsFamily() throws Exception {
    caller.publish(TinyFamily.of("wide", 4, 1));
    jobs.submitDetached(WideFiles.request(0).toBuilder().putOptions("hold", "true").build());
    WorkOrder held = take("a");
    assertThat(held.getOptionsMap()).doesNotContainKey("hold");
    assertThat(publishRest(held.getLease(), family(held, "wide")).getCurrent()).isFalse();

    submit();
    WorkOrder order = take("a");
    TinyFamily next = family(order, "wide", TinyFamily.of("wide", 6, 7));
    assertThat(publishRest(order.getLease(), next).getCurrent()).isTrue();
  }

  @Test
  void cannotSteerTheTerminalOfWhoeverListsJobs() throws Exception {
    Job job = submit();
    WorkOrder order = take("a");
    WorkReport.Builder report = WorkReport.newBuilder().setLease(order.getLease());
    report.getProgressBuilder().setStage("fine\u001b[2J").setNote("a\nb\u202ec");
    trainers().report(report.build());
    assertThat(jobs.job(job.getId()).getProgress())
        .returns("fine [2J", JobProgress::getStage)
        .returns("a b c", JobProgress::getNote);
    trainers()
        .end(
            WorkEnd.newBuilder()
                .setLease(order.getLease())
                .setOutcome(WorkEnd.Outcome.OUTCOME_REFUSED)
                .setReason("no\r\u0007way")
                .build());
    assertThat(jobs.job(job.getId()).getReason()).isEqualTo("no  way");
  }

  @Test
  void isToldThatACancelledJobIsOver() throws Exception {
    Job job = submit();
    WorkOrder order = take("a");
    WorkReport report = WorkReport.newBuilder().setLease(order.getLease()).build();
    assertThat(trainers().report(report).getGoOn()).isTrue();
    jobs.cancel(job.getId(), "a mistake");
    assertThat(trainers().report(report).getReason()).isEqualTo("the job was cancelled");
    assertThat(jobs.prioritise(submit().getId(), 5).getPriority()).isEqualTo(5);
  }
}
