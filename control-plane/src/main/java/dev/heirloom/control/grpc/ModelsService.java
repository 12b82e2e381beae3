package dev.heirloom.control.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.GetManifestRequest;
import dev.heirloom.proto.v1.GetManifestResponse;
import dev.heirloom.proto.v1.ListFamiliesRequest;
import dev.heirloom.proto.v1.ListFamiliesResponse;
import dev.heirloom.proto.v1.ModelsGrpc;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.proto.v1.TailorResponse;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.BlobStore;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.javadsl.Source;

/** The calls of any client that wants a model for a device. */
final class ModelsService extends ModelsGrpc.ModelsImplBase {
  // Each holds one assembled heir in memory until its caller has read it.
  private static final int TAILORED_AT_ONCE = 8;
  private static final Duration STALLED = Duration.ofMinutes(1);

  private final DirectoryCatalogue catalogue;
  private final ReleaseDesk releases;
  private final Recommendations recommendations;
  private final BlobStore blobs;
  private final BlobDelivery delivery;
  private final Meters meters;
  private final Executor blocking;
  private final Materializer materializer;
  private final AtomicLong calls = new AtomicLong();
  private final Semaphore places = new Semaphore(TAILORED_AT_ONCE);

  ModelsService(
      DirectoryCatalogue catalogue,
      ReleaseDesk releases,
      Recommendations recommendations,
      BlobStore blobs,
      BlobDelivery delivery,
      Meters meters,
      Executor blocking,
      Materializer materializer) {
    this.catalogue = catalogue;
    this.releases = releases;
    this.recommendations = recommendations;
    this.blobs = blobs;
    this.delivery = delivery;
    this.meters = meters;
    this.blocking = blocking;
    this.materializer = materializer;
  }

  @Override
  public void listFamilies(ListFamiliesRequest request, StreamObserver<ListFamiliesResponse> call) {
    Answers.now(
        call,
        () -> {
          ListFamiliesResponse.Builder answer = ListFamiliesResponse.newBuilder();
          catalogue.entries().forEach(entry -> answer.addFamilies(Outgoing.family(entry)));
          return answer.build();
        });
  }

  @Override
  public void getManifest(GetManifestRequest request, StreamObserver<GetManifestResponse> call) {
    Answers.later(
        call,
        () -> {
          DirectoryCatalogue.Entry entry = recommendations.family(request.getFamily());
          return Blocking.call(blocking, () -> manifest(entry));
        });
  }

  private GetManifestResponse manifest(DirectoryCatalogue.Entry entry)
      throws IOException, MalformedException {
    GetManifestResponse.Builder answer =
        GetManifestResponse.newBuilder()
            .setManifestSha256(entry.family().manifest().bytes())
            .setManifest(entry.bytes())
            .addAllRosters(releases.rostersAfter(0));
    releases
        .of(entry.family().manifest())
        .ifPresent(release -> answer.setRelease(release.signed()));
    return answer.build();
  }

  @Override
  public void recommend(RecommendRequest request, StreamObserver<RecommendResponse> call) {
    Answers.later(
        call, () -> recommendations.of(request).thenApply(Recommendations.Recommended::message));
  }

  @Override
  public void tailor(RecommendRequest request, StreamObserver<TailorResponse> call) {
    Answers.stream(call, materializer, () -> tailored(request));
  }

  private Source<TailorResponse, NotUsed> tailored(RecommendRequest request) {
    CompletionStage<Recommendations.Recommended> recommended = recommendations.of(request);
    if (!places.tryAcquire()) {
      throw Failures.exhausted(
          "concurrent tailoring", "at most " + TAILORED_AT_ONCE + "; try again in a moment");
    }
    return Source.completionStage(recommended)
        .mapAsync(1, this::assembled)
        .flatMapConcat(heir -> heir)
        .backpressureTimeout(STALLED)
        .watchTermination(
            (started, done) -> {
              done.whenComplete((end, failure) -> places.release());
              return NotUsed.getInstance();
            });
  }

  private CompletionStage<Source<TailorResponse, NotUsed>> assembled(
      Recommendations.Recommended recommended) {
    return Blocking.call(
        blocking,
        () -> {
          byte[] onnx =
              HeirAssembler.assemble(
                  recommended.entry().manifest(), recommended.message().getRung(), blobs);
          TailorResponse first =
              TailorResponse.newBuilder().setRecommendation(recommended.message()).build();
          return Source.single(first).concat(pieces(onnx));
        });
  }

  private Source<TailorResponse, NotUsed> pieces(byte[] onnx) {
    int piece = BlobDelivery.PIECE_BYTES;
    int count = (onnx.length + piece - 1) / piece;
    return Source.fromJavaStream(() -> IntStream.range(0, count).boxed())
        .map(
            i -> {
              int size = Math.min(piece, onnx.length - i * piece);
              meters.sent(size);
              return TailorResponse.newBuilder()
                  .setContent(UnsafeByteOperations.unsafeWrap(onnx, i * piece, size))
                  .build();
            });
  }

  @Override
  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
    Answers.bulk(
        call, materializer, () -> delivery.fetch(request, "client " + calls.incrementAndGet()));
  }
}
