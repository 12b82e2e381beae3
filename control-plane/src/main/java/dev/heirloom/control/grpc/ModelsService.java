package dev.heirloom.control.grpc;

import dev.heirloom.control.store.DirectoryCatalogue;
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
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.stream.Materializer;

/** The calls of any client that wants a model for a device. */
final class ModelsService extends ModelsGrpc.ModelsImplBase {
  private final DirectoryCatalogue catalogue;
  private final Recommendations recommendations;
  private final ManifestAnswers manifests;
  private final Tailoring tailoring;
  private final BlobDelivery delivery;
  private final Executor blocking;
  private final Materializer materializer;
  private final AtomicLong calls = new AtomicLong();

  ModelsService(
      DirectoryCatalogue catalogue,
      Recommendations recommendations,
      ManifestAnswers manifests,
      Tailoring tailoring,
      BlobDelivery delivery,
      Executor blocking,
      Materializer materializer) {
    this.catalogue = catalogue;
    this.recommendations = recommendations;
    this.manifests = manifests;
    this.tailoring = tailoring;
    this.delivery = delivery;
    this.blocking = blocking;
    this.materializer = materializer;
  }

  @Override
  public void listFamilies(ListFamiliesRequest request, StreamObserver<ListFamiliesResponse> call) {
    Answers.now(
        call,
        () -> {
          ListFamiliesResponse.Builder answer = ListFamiliesResponse.newBuilder();
          for (DirectoryCatalogue.Entry entry : catalogue.entries()) {
            answer.addFamilies(
                Outgoing.family(entry).toBuilder().setCurrent(catalogue.isCurrent(entry.family())));
          }
          return answer.build();
        });
  }

  @Override
  public void getManifest(GetManifestRequest request, StreamObserver<GetManifestResponse> call) {
    Answers.later(
        call,
        () -> {
          DirectoryCatalogue.Entry entry = recommendations.family(request.getFamily());
          return Blocking.call(blocking, () -> manifests.of(entry));
        });
  }

  @Override
  public void recommend(RecommendRequest request, StreamObserver<RecommendResponse> call) {
    Answers.later(
        call, () -> recommendations.of(request).thenApply(Recommendations.Recommended::message));
  }

  @Override
  public void tailor(RecommendRequest request, StreamObserver<TailorResponse> call) {
    Answers.bulk(call, materializer, () -> tailoring.of(request, reader()));
  }

  @Override
  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
    Answers.bulk(call, materializer, () -> delivery.fetch(request, reader()));
  }

  /** Every call of a client is a reader of its own. */
  private String reader() {
    return "client " + calls.incrementAndGet();
  }
}
