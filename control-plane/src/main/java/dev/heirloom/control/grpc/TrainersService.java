package dev.heirloom.control.grpc;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobQueue;
import dev.heirloom.actors.job.Lease;
import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.control.store.FamilyIntake;
import dev.heirloom.control.store.UploadedFiles;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.OfferResponse;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.TrainersGrpc;
import dev.heirloom.proto.v1.WorkAnswer;
import dev.heirloom.proto.v1.WorkEnd;
import dev.heirloom.proto.v1.WorkFetch;
import dev.heirloom.proto.v1.WorkOffer;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.proto.v1.WorkPublish;
import dev.heirloom.proto.v1.WorkReport;
import dev.heirloom.proto.v1.WorkRequest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Source;

/** The calls of trainers; each but the first shows the lease of the job that it is about. */
final class TrainersService extends TrainersGrpc.TrainersImplBase {
  /** A trainer asks again after it, so that one that is gone without a word does not wait on. */
  private static final Duration WAIT = Duration.ofSeconds(25);

  private static final int MOST_CHARACTERS = 2000;

  private final GrpcEndpoint.Ports ports;
  private final JobDesk desk;
  private final BlobDelivery delivery;
  private final ResultFlow results;
  private final Materializer materializer;

  TrainersService(GrpcEndpoint.Ports ports, Materializer materializer) {
    UploadedFiles files = ports.files();
    this.ports = ports;
    this.desk = ports.jobs();
    this.delivery =
        new BlobDelivery(
            files.blobs(),
            files.claims(),
            ports.meters(),
            ports.delivery().limit(),
            ports.delivery().leastBytesPerSecond());
    this.results = new ResultFlow(ports);
    this.materializer = materializer;
  }

  @Override
  public void work(WorkRequest request, StreamObserver<WorkOrder> call) {
    Answers.stream(
        call,
        materializer,
        () ->
            desk.take(Incoming.name("trainer", request.getTrainer()))
                .takeWithin(WAIT)
                .map(JobMessages::order));
  }

  @Override
  public void report(WorkReport request, StreamObserver<WorkAnswer> call) {
    Answers.later(
        call,
        () -> {
          Lease lease = JobMessages.lease(request.getLease());
          JobProgress progress = JobMessages.progress(request.getProgress());
          return desk.standing(replyTo -> new JobQueue.Report(lease, progress, replyTo))
              .thenApply(JobMessages::answer);
        });
  }

  @Override
  public void end(WorkEnd request, StreamObserver<WorkAnswer> call) {
    Answers.later(
        call,
        () -> {
          Lease lease = JobMessages.lease(request.getLease());
          JobQueue.Outcome outcome = outcome(request.getOutcome());
          String said = Incoming.line(request.getReason());
          String reason = said.substring(0, Math.min(MOST_CHARACTERS, said.length()));
          return desk.standing(replyTo -> new JobQueue.End(lease, outcome, reason, replyTo))
              .thenApply(JobMessages::answer);
        });
  }

  private static JobQueue.Outcome outcome(WorkEnd.Outcome outcome) {
    return switch (outcome) {
      case OUTCOME_RELEASED -> JobQueue.Outcome.RELEASED;
      case OUTCOME_FAILED -> JobQueue.Outcome.FAILED;
      case OUTCOME_REFUSED -> JobQueue.Outcome.REFUSED;
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
          throw Failures.invalid("outcome", "not one (expected: released, failed or refused)");
    };
  }

  @Override
  public void fetch(WorkFetch request, StreamObserver<FetchResponse> call) {
    Answers.bulk(call, materializer, () -> pieces(request));
  }

  private Source<FetchResponse, NotUsed> pieces(WorkFetch request) {
    Lease lease = JobMessages.lease(request.getLease());
    Digest wanted = Incoming.digest("blob.sha256", request.getBlob().getSha256());
    return Source.completionStage(job(lease))
        .flatMapConcat(
            job -> {
              if (job.spec().files().noneMatch(file -> file.sha256().equals(wanted.hex()))) {
                throw Failures.invalid("blob.sha256", "not of a file of " + job.id());
              }
              return delivery.fetch(
                  FetchRequest.newBuilder().addBlobs(request.getBlob()).build(),
                  "trainer " + lease.trainer());
            });
  }

  @Override
  public void offer(WorkOffer request, StreamObserver<OfferResponse> call) {
    Answers.later(
        call,
        () ->
            job(JobMessages.lease(request.getLease()))
                .thenCompose(job -> Blocking.call(ports.blocking(), () -> missing(job, request))));
  }

  private OfferResponse missing(Job job, WorkOffer request) throws IOException, MalformedException {
    Manifest manifest = PublishCall.manifest(request.getManifest());
    ResultFlow.checkOf(job, manifest);
    return OfferResponse.newBuilder()
        .addAllMissing(
            FamilyIntake.missing(manifest, ports.blobs()).stream()
                .map(blob -> blob.getSha256())
                .toList())
        .build();
  }

  @Override
  public StreamObserver<WorkPublish> publish(StreamObserver<PublishResponse> call) {
    return Answers.streams(call, materializer, results::flow);
  }

  /** Asked, not remembered: a trainer may call before this node has heard of its lease. */
  private CompletionStage<Job> job(Lease lease) {
    return desk.refresh().thenApply(board -> Leased.job(board, lease));
  }
}
