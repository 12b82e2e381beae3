package dev.heirloom.bench.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.proto.inference.GRPCInferenceServiceGrpc;
import dev.heirloom.proto.inference.ModelInferRequest;
import dev.heirloom.proto.inference.ModelInferResponse;
import dev.heirloom.proto.v1.GoldenOutput;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.Probe;
import dev.heirloom.runtime.session.TensorValue;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** The samples to which a family's maker recorded each rung's answers, as a request. */
public final class GoldenRequest {
  private static final double TOLERANCE = 1e-3;
  private static final long DEADLINE_SECONDS = 10;

  private final String version;
  private final ModelInferRequest request;
  private final List<float[]> golden;

  private GoldenRequest(String version, ModelInferRequest request, List<float[]> golden) {
    this.version = version;
    this.request = request;
    this.golden = golden;
  }

  /** What an agent answered. */
  public sealed interface Answer {
    /**
     * One of a heir.
     *
     * @param version of the model, as the agent names it
     * @param golden whether it is the recorded one of that version
     */
    record Given(String version, boolean golden) implements Answer {}

    /** None, because nothing serves yet. */
    record None(String reason) implements Answer {}
  }

  /** One request per rung of a family whose inputs are float32. */
  public static List<GoldenRequest> of(Family family) throws IOException, MalformedException {
    Manifest manifest = family.manifest();
    Probe samples =
        Probe.parse(
            family
                .blobs()
                .read(
                    manifest.hasGoldenSamples()
                        ? manifest.getGoldenSamples()
                        : manifest.getProbe()),
            manifest);
    Preprocessor preprocessor =
        new Preprocessor(
            manifest.getPreprocessingList(), TensorSpec.ofManifest(manifest.getInputsList()));
    List<GoldenRequest> requests = new ArrayList<>();
    for (int rung = 1; rung <= manifest.getRungsCount(); rung++) {
      List<GoldenOutput> outputs =
          Patches.parse(family.blobs().read(manifest.getRungs(rung - 1).getPatch()), manifest, rung)
              .getGoldenList();
      int[] first = IntStream.range(0, outputs.get(0).getSamples()).toArray();
      requests.add(
          new GoldenRequest(
              family.digest().brief() + "-" + rung,
              request(manifest, preprocessor.batch(samples.samples(), first), outputs),
              outputs.stream().map(Patches::values).toList()));
    }
    return requests;
  }

  private static ModelInferRequest request(
      Manifest manifest, Map<String, TensorValue> inputs, List<GoldenOutput> outputs) {
    ModelInferRequest.Builder request = RawRequest.of(manifest, inputs);
    outputs.forEach(
        output ->
            request.addOutputs(
                ModelInferRequest.InferRequestedOutputTensor.newBuilder()
                    .setName(output.getOutput())));
    return request.build();
  }

  /** The version that an agent names when it serves this rung. */
  public String version() {
    return version;
  }

  /** Asks an agent's local server, whatever it serves, and compares the answer by its version. */
  public static Answer ask(int port, List<GoldenRequest> all) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      for (GoldenRequest each : all) {
        Optional<Answer> answer = each.ask(channel);
        if (answer.isPresent()) {
          return answer.get();
        }
      }
      return new Answer.None("it serves none of the versions that there are");
    } catch (StatusRuntimeException e) {
      return new Answer.None(String.valueOf(e.getMessage()));
    } finally {
      channel.shutdownNow();
    }
  }

  /** Empty where another version is in service. */
  private Optional<Answer> ask(ManagedChannel channel) {
    ModelInferResponse response =
        GRPCInferenceServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .modelInfer(request);
    return response.getModelVersion().equals(version)
        ? Optional.of(new Answer.Given(version, matches(response)))
        : Optional.empty();
  }

  private boolean matches(ModelInferResponse response) {
    for (int i = 0; i < golden.size(); i++) {
      float[] expected = golden.get(i);
      float[] given = new float[expected.length];
      ByteString raw = response.getRawOutputContents(i);
      if (raw.size() != given.length * Float.BYTES) {
        return false;
      }
      raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(given);
      double largest = 0;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      for (int j = 0; j < given.length; j++) {
        if (!(Math.abs((double) given[j] - expected[j]) <= TOLERANCE * largest)) {
          return false;
        }
      }
    }
    return true;
  }
}
