package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.job.JobQueue;
import dev.heirloom.control.store.FamilyIntake;
import dev.heirloom.proto.v1.BlobPiece;
import dev.heirloom.proto.v1.JobLease;
import dev.heirloom.proto.v1.PublishRequest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.SignedRelease;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.trust.ManifestRelease;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Flow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One family on its way in: its manifest, its blobs, and one answer at the end. */
final class PublishFlow {
  private static final Logger LOG = LoggerFactory.getLogger(PublishFlow.class);
  private static final int MOST_AT_ONCE = 4;
  private static final long RESERVED_BYTES = 64L << 20;
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private final GrpcEndpoint.Ports ports;
  private final Executor blocking;
  private final Semaphore places = new Semaphore(MOST_AT_ONCE);

  PublishFlow(GrpcEndpoint.Ports ports) {
    this.ports = ports;
    this.blocking = ports.blocking();
  }

  /** A flow for one call, which takes one of the places while it runs. */
  Flow<PublishRequest, PublishResponse, NotUsed> flow() {
    if (!places.tryAcquire()) {
      throw Failures.exhausted(
          "concurrent publishes", "at most " + MOST_AT_ONCE + "; try again when one has ended");
    }
    Call call = new Call();
    return Flow.<PublishRequest>create()
        .idleTimeout(SILENCE)
        .foldAsync(call, (same, request) -> Blocking.call(blocking, () -> same.take(request)))
        .mapAsync(1, Call::permitted)
        .mapAsync(1, same -> Blocking.call(blocking, same::finish).thenCompose(same::told))
        .mapError(Throwable.class, Failures::of)
        .watchTermination(
            (notUsed, done) -> {
              done.whenCompleteAsync((end, failure) -> call.end(), blocking);
              return notUsed;
            });
  }

  /** The state of one call; the stream runs its methods one after another. */
  private final class Call {
    private Optional<FamilyIntake> intake = Optional.empty();
    private Optional<ManifestRelease> release = Optional.empty();
    private Optional<JobLease> lease = Optional.empty();
    private boolean over;
    private boolean published;

    synchronized Call take(PublishRequest request) throws IOException, MalformedException {
      if (over) {
        throw new IOException("the call has ended");
      }
      switch (request.getMessageCase()) {
        case MANIFEST -> begin(request.getManifest());
        case RELEASE -> release(request.getRelease());
        case PIECE -> piece(request.getPiece());
        case LEASE -> lease(request.getLease());
        case MESSAGE_NOT_SET -> throw Failures.invalid("message", "empty");
      }
      return this;
    }

    private void begin(ByteString manifest) throws IOException, MalformedException {
      if (intake.isPresent()) {
        throw Failures.invalid("manifest", "a second one in the same call");
      }
      checkManifestSize(manifest);
      FamilyIntake begun =
          FamilyIntake.begin(manifest, ports.blobs(), ports.catalogue(), ports.claims());
      intake = Optional.of(begun);
      long free = ports.space().bytes() - RESERVED_BYTES;
      if (begun.missingBytes() > free) {
        throw Failures.exhausted(
            "disk space",
            begun.missingBytes() + " bytes are to come (free: " + Math.max(free, 0) + ")");
      }
    }

    /** Refused before anything is sent where it is over already. */
    private void lease(JobLease brought) {
      if (intake.isPresent() || lease.isPresent()) {
        throw Failures.invalid("lease", "not in its place (expected: once, before the manifest)");
      }
      lease = Optional.of(brought);
      ports
          .jobs()
          .board()
          .standing(brought.getJob(), brought.getAttempt())
          .ifPresent(
              reason -> {
                throw Failures.refused("the lease is over: " + reason);
              });
    }

    /** From here on no other attempt may publish this job's family, or this one may not. */
    CompletionStage<Call> permitted() {
      if (lease.isEmpty()) {
        return CompletableFuture.completedStage(this);
      }
      JobLease held = lease.get();
      String manifest = begun().manifest().hex();
      return ports
          .jobs()
          .standing(
              replyTo ->
                  new JobQueue.Permit(held.getJob(), held.getAttempt(), manifest, replyTo))
          .thenApply(
              standing -> {
                if (!standing.goOn()) {
                  throw Failures.refused("the lease is over: " + standing.reason());
                }
                return this;
              });
    }

    /** The job is over once its family is there. */
    CompletionStage<PublishResponse> told(PublishResponse answer) {
      if (lease.isEmpty()) {
        return CompletableFuture.completedStage(answer);
      }
      JobLease held = lease.get();
      String manifest = HexFormat.of().formatHex(answer.getManifestSha256().toByteArray());
      return ports
          .jobs()
          .standing(
              replyTo ->
                  new JobQueue.Publish(
                      held.getJob(), held.getAttempt(), answer.getFamily(), manifest, replyTo))
          .thenApply(
              standing -> {
                if (!standing.goOn()) {
                  LOG.warn("{} ended while its family was published: {}", held.getJob(), standing.reason());
                }
                return answer;
              });
    }

    private void release(SignedRelease brought) throws IOException, MalformedException {
      FamilyIntake permitted = begun();
      release =
          Optional.of(ports.releases().check(brought, permitted.family(), permitted.manifest()));
    }

    private void piece(BlobPiece piece) throws IOException, MalformedException {
      begun()
          .piece(
              Incoming.digest("piece.sha256", piece.getSha256()),
              piece.getOffsetBytes(),
              piece.getContent());
    }

    synchronized PublishResponse finish() throws IOException, MalformedException {
      FamilyIntake all = begun();
      if (release.isEmpty() && !ports.releases().signs()) {
        throw Failures.invalid(
            "release",
            "missing (this control plane has no release key: 'heirloom sign' signs a family"
                + " elsewhere)");
      }
      PublishedFamily family = all.finish();
      ports.releases().published(family, release);
      ports.meters().published(all.receivedBytes());
      LOG.info(
          "published {} ({}), {} rungs",
          family.name(),
          family.manifest().brief(),
          family.ladder().size());
      ports.twins().published(family);
      published = true;
      return PublishResponse.newBuilder()
          .setFamily(family.name())
          .setManifestSha256(family.manifest().bytes())
          .setReceivedBytes(all.receivedBytes())
          .build();
    }

    private FamilyIntake begun() {
      return intake.orElseThrow(
          () -> Failures.invalid("manifest", "missing (expected: the first message)"));
    }

    synchronized void end() {
      over = true;
      places.release();
      if (intake.isPresent()) {
        try {
          intake.get().close();
        } catch (IOException e) {
          LOG.warn("a partly received blob could not be closed: {}", e.toString());
        }
      }
      if (published) {
        ports.published().run();
      }
    }
  }

  static void checkManifestSize(ByteString manifest) {
    if (manifest.size() > GrpcEndpoint.MAX_MANIFEST_BYTES) {
      throw Failures.exhausted(
          "manifest",
          manifest.size() + " bytes (expected: at most " + GrpcEndpoint.MAX_MANIFEST_BYTES + ")");
    }
  }
}
