package dev.heirloom.control.grpc;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobQueue;
import dev.heirloom.actors.job.Lease;
import dev.heirloom.actors.job.Standing;
import dev.heirloom.control.fleet.JobDesk;
import dev.heirloom.control.trainer.JobOptions;
import dev.heirloom.inheritance.Inheritance;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.WorkPublish;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Flow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a trainer made on its way in: the lease of the attempt that made it, its manifest, its
 * blobs, and one answer at the end. Nothing else than a family of the job's teacher is taken.
 */
final class ResultFlow {
  private static final Logger LOG = LoggerFactory.getLogger(ResultFlow.class);
  private static final int MOST_AT_ONCE = 4;

  private final GrpcEndpoint.Ports ports;
  private final JobDesk desk;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);

  ResultFlow(GrpcEndpoint.Ports ports) {
    this.ports = ports;
    this.desk = ports.jobs();
  }

  /** A flow for one call, which takes one of the places while it runs. */
  Flow<WorkPublish, PublishResponse, NotUsed> flow() {
    if (!places.tryAcquire()) {
      throw Failures.exhausted(
          "concurrent results", "at most " + MOST_AT_ONCE + "; try again when one has ended");
    }
    Call call = new Call();
    return Flow.<WorkPublish>create()
        .idleTimeout(PublishFlow.SILENCE)
        .foldAsync(
            call, (same, request) -> Blocking.call(ports.blocking(), () -> same.take(request)))
        .mapAsync(1, Call::permitted)
        .mapAsync(
            1, same -> Blocking.call(ports.blocking(), same.family::finish).thenCompose(same::told))
        .mapError(Throwable.class, Failures::of)
        .watchTermination(
            (notUsed, done) -> {
              done.whenCompleteAsync(
                  (end, failure) -> {
                    // Waits for what is still being checked.
                    call.family.end();
                    places.release();
                  },
                  ports.blocking());
              return notUsed;
            });
  }

  /** The state of one call; the stream runs its methods one after another. */
  private final class Call {
    private final PublishCall family = new PublishCall(ports);
    private Optional<Lease> lease = Optional.empty();

    synchronized Call take(WorkPublish request) throws IOException, MalformedException {
      switch (request.getMessageCase()) {
        case LEASE -> lease(JobMessages.lease(request.getLease()));
        case MANIFEST -> {
          Job job = held();
          family.begin(request.getManifest(), JobOptions.parse(job.spec().options()).hold());
          checkOf(job, family.begun().contents());
        }
        case PIECE -> {
          Job unused = held();
          family.piece(request.getPiece());
        }
        case MESSAGE_NOT_SET -> throw Failures.invalid("message", "empty");
      }
      return this;
    }

    private void lease(Lease shown) {
      if (lease.isPresent()) {
        throw Failures.invalid("lease", "a second one in the same call");
      }
      lease = Optional.of(shown);
    }

    /** The job, as long as it is this attempt's. */
    private Job held() {
      return Leased.job(desk.board(), shown());
    }

    private synchronized Lease shown() {
      return lease.orElseThrow(
          () -> Failures.invalid("lease", "missing (expected: the first message)"));
    }

    /** From here on no other attempt may publish this job's family, or this one may not. */
    CompletionStage<Call> permitted() {
      String manifest = family.begun().manifest().hex();
      return desk.standing(replyTo -> new JobQueue.Permit(shown(), manifest, replyTo))
          .thenApply(
              standing -> {
                require(standing);
                return this;
              });
    }

    /** The job is over once its family is there. */
    CompletionStage<PublishResponse> told(PublishResponse answer) {
      String manifest = HexFormat.of().formatHex(answer.getManifestSha256().toByteArray());
      return desk.standing(
              replyTo -> new JobQueue.Publish(shown(), answer.getFamily(), manifest, replyTo))
          .thenApply(
              standing -> {
                if (!standing.goOn()) {
                  LOG.warn(
                      "{} ended while its family was published: {}", shown(), standing.reason());
                }
                return answer;
              });
    }
  }

  private static void require(Standing standing) {
    if (!standing.goOn()) {
      throw Leased.over(standing.reason());
    }
  }

  /** A trainer may bring what its job asks for, not whatever it likes. */
  static void checkOf(Job job, Manifest brought) {
    String name = Inheritance.nameOf(Path.of(job.spec().teacher().name()));
    if (!brought.getName().equals(name)) {
      throw Failures.invalid(
          "manifest.name", "'" + brought.getName() + "' (expected: " + name + ", of the job)");
    }
    if (!brought
        .getTeacher()
        .getSha256()
        .equals(JobMessages.bytes(job.spec().teacher().sha256()))) {
      throw Failures.invalid("manifest.teacher", "another than that of " + job.id());
    }
  }
}
