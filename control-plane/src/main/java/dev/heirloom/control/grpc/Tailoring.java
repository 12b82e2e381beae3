package dev.heirloom.control.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.actors.delivery.Piece;
import dev.heirloom.control.store.BlobClaims;
import dev.heirloom.control.store.DirectoryCatalogue;
import dev.heirloom.control.tailor.AssembledHeir;
import dev.heirloom.control.tailor.HeirCache;
import dev.heirloom.control.tailor.HeirKey;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.HeirForm;
import dev.heirloom.proto.v1.HeirParts;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.TailorResponse;
import dev.heirloom.proto.v1.TailoredHeir;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Manifests;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.apache.pekko.NotUsed;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Answers to {@code Tailor}: the recommendation at once, then the heir, as plain ONNX out of the
 * cache or as what the client lacks of its parts.
 */
final class Tailoring {
  private static final int MOST_HELD = 20_000;

  private final Recommendations recommendations;
  private final HeirCache cache;
  private final ManifestAnswers manifests;
  private final BlobStore blobs;
  private final BlobClaims claims;
  private final BlobDelivery delivery;
  private final Executor blocking;

  Tailoring(
      Recommendations recommendations,
      HeirCache cache,
      ManifestAnswers manifests,
      BlobStore blobs,
      BlobClaims claims,
      BlobDelivery delivery,
      Executor blocking) {
    this.recommendations = recommendations;
    this.cache = cache;
    this.manifests = manifests;
    this.blobs = blobs;
    this.claims = claims;
    this.delivery = delivery;
    this.blocking = blocking;
  }

  /**
   * The answer to one request, to be run once.
   *
   * @param reader whose share of the egress limit it takes
   */
  Source<TailorResponse, NotUsed> of(RecommendRequest request, String reader) {
    Set<Digest> held = held(request);
    HeirForm form = form(request);
    return Source.completionStage(recommendations.of(request))
        .flatMapConcat(
            recommended ->
                Source.single(
                        TailorResponse.newBuilder()
                            .setRecommendation(recommended.message())
                            .build())
                    .concatLazy(heir(request, form, held, recommended, reader)));
  }

  private Source<TailorResponse, NotUsed> heir(
      RecommendRequest request,
      HeirForm form,
      Set<Digest> held,
      Recommendations.Recommended recommended,
      String reader) {
    if (request.getOnlyIfMet() && !recommended.message().getFeasible()) {
      return Source.empty();
    }
    int rung = recommended.message().getRung();
    return form == HeirForm.HEIR_FORM_BANDS
        ? Source.completionStage(
            Blocking.call(blocking, () -> parts(recommended.entry(), rung, held)))
        : Source.lazySource(() -> onnx(recommended.entry(), rung, reader))
            .mapMaterializedValue(started -> NotUsed.getInstance());
  }

  private Source<TailorResponse, NotUsed> onnx(
      DirectoryCatalogue.Entry entry, int rung, String reader) {
    HeirCache.Lease lease =
        cache
            .lease(
                new HeirKey(entry.family().manifest(), rung),
                () -> assemble(entry.manifest(), rung))
            .orElseThrow(
                () ->
                    Failures.exhausted(
                        "concurrent assemblies", "too many other heirs; try again in a moment"));
    return Source.completionStage(lease.heir())
        .flatMapConcat(
            heir ->
                Source.single(named(heir))
                    .concat(
                        delivery
                            .whole(cache.store(), heir.digest(), reader)
                            .map(Tailoring::content)))
        .watchTermination(
            (started, done) -> {
              done.whenComplete((end, failure) -> lease.close());
              return NotUsed.getInstance();
            });
  }

  /** None of the blobs is collected meanwhile. */
  private byte[] assemble(Manifest manifest, int rung) throws IOException, MalformedException {
    try (BlobClaims.Hold hold =
        claims.hold(Manifests.needed(manifest, rung).stream().map(Digest::of).toList())) {
      return HeirAssembler.assemble(manifest, rung, blobs);
    }
  }

  private static TailorResponse named(AssembledHeir heir) {
    return TailorResponse.newBuilder()
        .setHeir(
            TailoredHeir.newBuilder().setSha256(heir.digest().bytes()).setSizeBytes(heir.bytes()))
        .build();
  }

  private static TailorResponse content(Piece piece) {
    return TailorResponse.newBuilder()
        // The piece's array belongs to the piece alone.
        .setContent(UnsafeByteOperations.unsafeWrap(piece.content().toArrayUnsafe()))
        .build();
  }

  private TailorResponse parts(DirectoryCatalogue.Entry entry, int rung, Set<Digest> held)
      throws IOException, MalformedException {
    Set<Digest> needed =
        Manifests.needed(entry.manifest(), rung).stream()
            .map(Digest::of)
            .collect(Collectors.toSet());
    HeirParts.Builder parts = HeirParts.newBuilder().setManifest(manifests.of(entry));
    for (Blob blob : Manifests.all(entry.manifest())) {
      Digest digest = Digest.of(blob);
      if (needed.contains(digest) && !held.contains(digest)) {
        parts.addLacking(blob);
      }
    }
    return TailorResponse.newBuilder().setParts(parts).build();
  }

  private static Set<Digest> held(RecommendRequest request) {
    if (request.getHeldSha256Count() > MOST_HELD) {
      throw Failures.exhausted(
          "held_sha256",
          request.getHeldSha256Count() + " in one call (expected: at most " + MOST_HELD + ")");
    }
    Set<Digest> held = new HashSet<>();
    for (int i = 0; i < request.getHeldSha256Count(); i++) {
      held.add(Incoming.digest("held_sha256[" + i + "]", request.getHeldSha256(i)));
    }
    return held;
  }

  private static HeirForm form(RecommendRequest request) {
    if (request.getForm() == HeirForm.UNRECOGNIZED) {
      throw Failures.invalid("form", request.getFormValue() + " (expected: 0..2)");
    }
    return request.getForm();
  }
}
