package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.control.fleet.Twins;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.EnrolResponse;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.RenewRequest;
import dev.heirloom.proto.v1.RenewResponse;
import dev.heirloom.proto.v1.ToAgent;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.stream.Materializer;

/** The calls that devices make. */
final class AgentsService extends AgentsGrpc.AgentsImplBase {
  private final Twins twins;
  private final DeviceCalls calls;
  private final AgentStream streams;
  private final BlobDelivery delivery;
  private final Enrolments enrolments;
  private final Materializer materializer;

  AgentsService(
      Twins twins,
      DeviceCalls calls,
      AgentStream streams,
      BlobDelivery delivery,
      Enrolments enrolments,
      Materializer materializer) {
    this.twins = twins;
    this.calls = calls;
    this.streams = streams;
    this.delivery = delivery;
    this.enrolments = enrolments;
    this.materializer = materializer;
  }

  @Override
  public void enrol(EnrolRequest request, StreamObserver<EnrolResponse> call) {
    Answers.later(call, () -> enrol(request));
  }

  private CompletionStage<EnrolResponse> enrol(EnrolRequest request) {
    String name = Incoming.deviceName("name", request.getName());
    DeviceProfile profile = Incoming.profile("profile", request.getProfile());
    return enrolments
        .enrol(name, request)
        .thenCompose(
            certificate -> {
              calls.take(name);
              return enrolled(name, profile, certificate);
            });
  }

  private CompletionStage<EnrolResponse> enrolled(
      String name, DeviceProfile profile, Optional<ByteString> certificate) {
    return twins
        .<DeviceStatus>ask(name, replyTo -> new DeviceTwin.Enrol(profile, replyTo))
        .thenApply(
            status ->
                EnrolResponse.newBuilder()
                    .setDevice(status.name())
                    .setCertificate(certificate.orElse(ByteString.EMPTY))
                    .build());
  }

  @Override
  public void renew(RenewRequest request, StreamObserver<RenewResponse> call) {
    Answers.later(call, () -> enrolments.renew(request));
  }

  @Override
  public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> call) {
    return Answers.streams(call, materializer, streams::flow);
  }

  @Override
  public void fetch(FetchRequest request, StreamObserver<FetchResponse> call) {
    Answers.bulk(
        call,
        materializer,
        () -> {
          String device = Incoming.deviceName("device", request.getDevice());
          return delivery.fetch(request, device);
        });
  }
}
