package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.control.store.FamilyIntake;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.OfferRequest;
import dev.heirloom.proto.v1.OfferResponse;
import dev.heirloom.proto.v1.PublishRequest;
import dev.heirloom.proto.v1.PublishResponse;
import dev.heirloom.proto.v1.TeachersGrpc;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.Manifests;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.apache.pekko.stream.Materializer;

/** Brings families to the control plane. */
final class TeachersService extends TeachersGrpc.TeachersImplBase {
  private final PublishFlow publish;
  private final BlobStore blobs;
  private final Executor blocking;
  private final Materializer materializer;

  TeachersService(
      PublishFlow publish, BlobStore blobs, Executor blocking, Materializer materializer) {
    this.publish = publish;
    this.blobs = blobs;
    this.blocking = blocking;
    this.materializer = materializer;
  }

  @Override
  public void offer(OfferRequest request, StreamObserver<OfferResponse> call) {
    Answers.later(call, () -> Blocking.call(blocking, () -> missing(request.getManifest())));
  }

  private OfferResponse missing(ByteString bytes) throws IOException, MalformedException {
    PublishFlow.checkManifestSize(bytes);
    Manifest manifest = Manifests.parse(bytes.toByteArray());
    OfferResponse.Builder answer = OfferResponse.newBuilder();
    for (Blob blob : FamilyIntake.missing(manifest, blobs)) {
      answer.addMissing(blob.getSha256());
    }
    return answer.build();
  }

  @Override
  public StreamObserver<PublishRequest> publish(StreamObserver<PublishResponse> call) {
    return Answers.streams(call, materializer, publish::flow);
  }
}
