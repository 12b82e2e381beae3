package dev.heirloom.bench.grpc.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelMetadataRequest;
import dev.heirloom.proto.inference.ModelReadyRequest;
import dev.heirloom.proto.v1.AbortRolloutRequest;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.BlobPiece;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.BudgetRule;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.CreateRolloutRequest;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.DeviceProfile;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.GetManifestRequest;
import dev.heirloom.proto.v1.GetRolloutRequest;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.LabelRequest;
import dev.heirloom.proto.v1.LatencySummary;
import dev.heirloom.proto.v1.LiftFlagRequest;
import dev.heirloom.proto.v1.LiftQuarantineRequest;
import dev.heirloom.proto.v1.Limits;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.OfferRequest;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.PauseRolloutRequest;
import dev.heirloom.proto.v1.PinChange;
import dev.heirloom.proto.v1.PinRungRequest;
import dev.heirloom.proto.v1.PublishRequest;
import dev.heirloom.proto.v1.RecommendRequest;
import dev.heirloom.proto.v1.ResumeRolloutRequest;
import dev.heirloom.proto.v1.RetryRolloutRequest;
import dev.heirloom.proto.v1.RolloutSpec;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.proto.v1.SetBudgetRuleRequest;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.proto.v1.Source;
import dev.heirloom.proto.v1.TryRungRequest;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Manifests;
import io.grpc.MethodDescriptor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What well-behaved clients would send to each method, about devices and a family of their own:
 * what hostile requests are made from.
 */
final class SoundRequests {
  /** Devices that everything hostile is about. */
  static final int DEVICES = 8;

  static final String PREFIX = "hostile-";
  private static final String NOWHERE = PREFIX + "family";
  private static final String ROLLOUT = PREFIX + "rollout";

  private final Manifest manifest;
  private final ByteString digest;
  private final Manifest incomplete;

  SoundRequests(Manifest manifest) {
    this.manifest = manifest;
    this.digest = Digest.of(manifest.toByteArray()).bytes();
    // One of its blobs is nowhere, so that it can be offered for ever and never be published.
    this.incomplete =
        manifest.toBuilder()
            .setName(NOWHERE)
            .setSkeleton(
                Blob.newBuilder()
                    .setSha256(Digest.of(NOWHERE.getBytes(StandardCharsets.UTF_8)).bytes())
                    .setSizeBytes(1 << 20))
            .build();
  }

  static String device(Random random) {
    return PREFIX + random.nextInt(DEVICES);
  }

  /** The device of a flood. */
  static String flooding(int number) {
    return PREFIX + "flood-" + number;
  }

  /** Every device that everything hostile is about. */
  static List<String> names(int floods) {
    return Stream.concat(
            IntStream.range(0, DEVICES).mapToObj(i -> PREFIX + i),
            IntStream.range(0, floods).mapToObj(SoundRequests::flooding))
        .toList();
  }

  static DeviceProfile profile() {
    return DeviceProfile.newBuilder()
        .setDeviceClass("hostile")
        .setCores(2)
        .setMemoryBytes(1L << 30)
        .setThreads(1)
        .putLabels("kind", "hostile")
        .build();
  }

  /** A sound request of a method; where it takes a stream, its first message. */
  Message first(MethodDescriptor<?, ?> method, Random random) {
    String device = device(random);
    String name = method.getFullMethodName();
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "Agents/Enrol" ->
          EnrolRequest.newBuilder().setName(device).setProfile(profile()).build();
      case "Agents/Connect" -> hello(device, random.nextLong());
      case "Agents/Fetch", "Models/Fetch" -> fetch(device);
      case "Fleet/ListDevices" -> ListDevicesRequest.newBuilder().setPageSize(10).build();
      case "Fleet/GetDevice" -> GetDeviceRequest.newBuilder().setName(device).build();
      case "Fleet/SetBudget" ->
          SetBudgetRequest.newBuilder()
              .setName(device)
              .setBudget(Budget.newBuilder().setP95LatencyNs(1_000_000_000))
              .build();
      case "Fleet/SetBudgetRule" -> SetBudgetRuleRequest.newBuilder().setRule(rule()).build();
      case "Fleet/PinRung" -> PinRungRequest.newBuilder().setName(device).setRung(1).build();
      case "Fleet/LiftQuarantine" -> LiftQuarantineRequest.newBuilder().setName(device).build();
      case "Fleet/LiftFlag" -> LiftFlagRequest.newBuilder().setName(device).build();
      case "Fleet/TryRung" -> TryRungRequest.newBuilder().setName(device).setRung(2).build();
      case "Fleet/ChangeDevices" ->
          ChangeDevicesRequest.newBuilder()
              .addNames(device)
              .setPin(PinChange.newBuilder().setRung(1))
              .build();
      case "Models/GetManifest" ->
          GetManifestRequest.newBuilder().setFamily(manifest.getName()).build();
      case "Models/Recommend", "Models/Tailor" ->
          RecommendRequest.newBuilder()
              .setFamily(manifest.getName())
              .setProfile(profile())
              .setLimits(Limits.newBuilder().setMemoryBytes(1L << 30))
              .build();
      case "Teachers/Offer" ->
          OfferRequest.newBuilder().setManifest(incomplete.toByteString()).build();
      case "Teachers/Publish" -> manifest(incomplete.toByteString());
      case "Fleet/CreateRollout" -> CreateRolloutRequest.newBuilder().setSpec(rollout()).build();
      case "Fleet/GetRollout" -> GetRolloutRequest.newBuilder().setName(ROLLOUT).build();
      case "Fleet/PauseRollout" -> PauseRolloutRequest.newBuilder().setName(ROLLOUT).build();
      case "Fleet/ResumeRollout" -> ResumeRolloutRequest.newBuilder().setName(ROLLOUT).build();
      case "Fleet/AbortRollout" -> AbortRolloutRequest.newBuilder().setName(ROLLOUT).build();
      case "Fleet/RetryRollout" -> RetryRolloutRequest.newBuilder().setName(ROLLOUT).build();
      case "Access/CreateToken" ->
          CreateTokenRequest.newBuilder().setName(PREFIX + "token").build();
      case "GRPCInferenceService/ModelInfer", "GRPCInferenceService/ModelStreamInfer" -> infer();
      case "GRPCInferenceService/ModelMetadata" ->
          ModelMetadataRequest.newBuilder().setName(manifest.getName()).build();
      case "GRPCInferenceService/ModelReady" ->
          ModelReadyRequest.newBuilder().setName(manifest.getName()).build();
      case "Feedback/Label" ->
          LabelRequest.newBuilder()
              .setModel(manifest.getName())
              .setRequestId(PREFIX + "request")
              .addLabels(1)
              .build();
      default ->
          SoundJobs.first(name, incomplete.toByteString()).orElseGet(() -> prototype(method));
    };
  }

  private RolloutSpec rollout() {
    return RolloutSpec.newBuilder()
        .setName(ROLLOUT)
        .setFamily(manifest.getName())
        .putSelector("kind", "hostile")
        .build();
  }

  private static BudgetRule rule() {
    return BudgetRule.newBuilder()
        .setName(PREFIX + "rule")
        .putSelector("kind", "hostile")
        .setLimits(Limits.newBuilder().setSizeBytes(1L << 30))
        .build();
  }

  /**
   * What a sound operator could do to the devices of others is no bad message: requests that would
   * are turned on hostile devices.
   */
  static Message aimed(Message request, Random random) {
    if (request instanceof SetBudgetRuleRequest rule) {
      return rule.toBuilder()
          .setRule(rule.getRule().toBuilder().putSelector("kind", "hostile"))
          .build();
    }
    if (request instanceof CreateRolloutRequest create) {
      return create.toBuilder()
          .setSpec(create.getSpec().toBuilder().putSelector("kind", "hostile"))
          .build();
    }
    if (request instanceof ChangeDevicesRequest change) {
      ChangeDevicesRequest.Builder aimed = change.toBuilder().setEveryDevice(false);
      if (!change.getSelectorMap().isEmpty()) {
        aimed.putSelector("kind", "hostile");
      }
      // Removed devices would not be there for what follows.
      return (change.hasRemove() ? aimed.clearRemove() : aimed).build();
    }
    return request;
  }

  static FromAgent hello(String device, long reporter) {
    return FromAgent.newBuilder()
        .setHello(Hello.newBuilder().setDevice(device).setProfile(profile()).setReporter(reporter))
        .build();
  }

  FromAgent window(long sequence) {
    LatencySummary latency =
        LatencySummary.newBuilder()
            .setCount(100)
            .setP50Ns(1_000_000)
            .setP95Ns(2_000_000)
            .setP99Ns(3_000_000)
            .setMaxNs(4_000_000)
            .build();
    return FromAgent.newBuilder()
        .setWindow(
            Window.newBuilder()
                .setSequence(sequence)
                .setStartUnixMs(1_700_000_000_000L)
                .setDurationMs(1000)
                .setFamily(manifest.getName())
                .setManifestSha256(digest)
                .setRung(1)
                .setSource(Source.SOURCE_TRAFFIC)
                .setRequest(latency)
                .setSession(latency))
        .build();
  }

  FromAgent outcome(long decision) {
    return FromAgent.newBuilder()
        .setOutcome(
            Outcome.newBuilder()
                .setDecision(decision)
                .setFamily(manifest.getName())
                .setManifestSha256(digest)
                .setRung(1)
                .setStatus(Outcome.Status.STATUS_INSTALLED))
        .build();
  }

  FromAgent trial(long trial) {
    return FromAgent.newBuilder()
        .setShadowReport(
            ShadowReport.newBuilder().setTrial(trial).setManifestSha256(digest).setRung(2))
        .build();
  }

  PublishRequest piece(long offset) {
    return PublishRequest.newBuilder()
        .setPiece(
            BlobPiece.newBuilder()
                .setSha256(incomplete.getSkeleton().getSha256())
                .setOffsetBytes(offset)
                .setContent(ByteString.copyFrom(new byte[1000])))
        .build();
  }

  static PublishRequest manifest(ByteString bytes) {
    return PublishRequest.newBuilder().setManifest(bytes).build();
  }

  private FetchRequest fetch(String device) {
    FetchRequest.Builder fetch = FetchRequest.newBuilder().setDevice(device);
    for (Blob blob : blobs()) {
      fetch.addBlobs(
          BlobRange.newBuilder()
              .setSha256(blob.getSha256())
              .setOffsetBytes(Math.max(0, blob.getSizeBytes() - 100)));
    }
    return fetch.build();
  }

  private List<Blob> blobs() {
    try {
      return List.copyOf(Manifests.needed(manifest, 1));
    } catch (MalformedException e) {
      throw new IllegalStateException(e);
    }
  }

  private ModelInferRequest infer() {
    ModelInferRequest.Builder request =
        ModelInferRequest.newBuilder().setModelName(manifest.getName());
    manifest
        .getInputsList()
        .forEach(
            input -> {
              ModelInferRequest.InferInputTensor.Builder tensor =
                  ModelInferRequest.InferInputTensor.newBuilder()
                      .setName(input.getName())
                      .setDatatype("FP32")
                      .addShape(1);
              long elements = 1;
              for (long dim : input.getDimsList()) {
                long size = Math.max(1, dim);
                tensor.addShape(size);
                elements *= size;
              }
              request
                  .addInputs(tensor)
                  .addRawInputContents(
                      ByteString.copyFrom(new byte[Math.toIntExact(elements * Float.BYTES)]));
            });
    return request.build();
  }

  /** A method's request without anything in it. */
  static Message prototype(MethodDescriptor<?, ?> method) {
    return (Message)
        ((MethodDescriptor.PrototypeMarshaller<?>) method.getRequestMarshaller())
            .getMessagePrototype();
  }
}
