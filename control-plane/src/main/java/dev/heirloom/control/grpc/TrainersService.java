package dev.heirloom.control.grpc;

import dev.heirloom.actors.job.JobProgress;
import dev.heirloom.actors.job.JobQueue;
import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.JobLease;
import dev.heirloom.proto.v1.TrainersGrpc;
import dev.heirloom.proto.v1.WorkAnswer;
import dev.heirloom.proto.v1.WorkEnd;
import dev.heirloom.proto.v1.WorkOrder;
import dev.heirloom.proto.v1.WorkReport;
import dev.heirloom.proto.v1.WorkRequest;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import org.apache.pekko.stream.Materializer;

/** The calls of trainers. */
final class TrainersService extends TrainersGrpc.TrainersImplBase {
  /** A trainer asks again after it, so that one that is gone without a word does not wait on. */
  private static final Duration WAIT = Duration.ofSeconds(25);

  private static final int MOST_CHARACTERS = 2000;

  private final JobDesk desk;
  private final BlobDelivery delivery;
  private final Materializer materializer;

  TrainersService(JobDesk desk, BlobDelivery delivery, Materializer materializer) {
    this.desk = desk;
    this.delivery = delivery;
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
          String trainer = Incoming.name("trainer", request.getTrainer());
          JobLease lease = request.getLease();
          JobProgress progress = JobMessages.progress(request.getProgress());
          return desk.standing(
                  replyTo ->
                      new JobQueue.Report(
                          trainer, lease.getJob(), lease.getAttempt(), progress, replyTo))
              .thenApply(JobMessages::answer);
        });
  }

  @Override
  public void end(WorkEnd request, StreamObserver<WorkAnswer> call) {
    Answers.later(
        call,
        () -> {
          String trainer = Incoming.name("trainer", request.getTrainer());
          JobLease lease = request.getLease();
          JobQueue.Outcome outcome = outcome(request.getOutcome());
          String said = request.getReason();
          String reason = said.substring(0, Math.min(MOST_CHARACTERS, said.length()));
          return desk.standing(
                  replyTo ->
                      new JobQueue.End(
                          trainer, lease.getJob(), lease.getAttempt(), outcome, reason, replyTo))
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
  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
    Answers.bulk(
        call, materializer, () -> delivery.fetch(request, "trainer " + request.getDevice()));
  }
}
