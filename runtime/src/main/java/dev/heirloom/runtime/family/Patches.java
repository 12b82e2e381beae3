package dev.heirloom.runtime.family;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.GoldenOutput;
import dev.heirloom.proto.v1.LayerPatch;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Patch;
import dev.heirloom.proto.v1.TensorSpec;
import dev.heirloom.runtime.MalformedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes and reads what differs per rung. */
public final class Patches {

  /** The version of the format that is written, and the only one that is read. */
  public static final int FORMAT = 1;

  private Patches() {}

  /** Builds a patch. */
  public static Patch of(int rung, List<PatchLayer> layers, List<GoldenOutput> golden) {
    Patch.Builder patch = Patch.newBuilder().setFormat(FORMAT).setRung(rung);
    for (PatchLayer layer : layers) {
      patch.addLayers(
          LayerPatch.newBuilder()
              .setScale(FloatBytes.encode(layer.scale()))
              .setBias(FloatBytes.encode(layer.bias()))
              .setGateBias(FloatBytes.encode(layer.gateBias())));
    }
    return patch.addAllGolden(golden).build();
  }

  /**
   * Builds a golden output.
   *
   * @param output the output's name
   * @param samples how many samples of the probe it is for, from the first
   * @param values float32, row-major, batch first
   */
  public static GoldenOutput golden(String output, int samples, float[] values) {
    return GoldenOutput.newBuilder()
        .setOutput(output)
        .setSamples(samples)
        .setValues(FloatBytes.encode(values))
        .build();
  }

  /** A golden output's values, float32, row-major, batch first. */
  public static float[] values(GoldenOutput golden) {
    return FloatBytes.decode(golden.getValues());
  }

  /**
   * Reads the patch of a rung.
   *
   * @throws MalformedException if the bytes are not that rung's patch for this manifest
   */
  public static Patch parse(byte[] bytes, Manifest manifest, int rung) throws MalformedException {
    String origin = "patch of rung " + rung;
    Patch patch;
    try {
      patch = Patch.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException(origin + ": not a patch, or truncated", e);
    }
    if (patch.getFormat() != FORMAT) {
      throw new MalformedException(
          "%s: format %s (expected: %d)"
              .formatted(origin, Integer.toUnsignedString(patch.getFormat()), FORMAT));
    }
    if (patch.getRung() != rung) {
      throw new MalformedException(
          "%s: for rung %s".formatted(origin, Integer.toUnsignedString(patch.getRung())));
    }
    if (patch.getLayersCount() != manifest.getLayersCount()) {
      throw new MalformedException(
          "%s: %d layers (expected: %d)"
              .formatted(origin, patch.getLayersCount(), manifest.getLayersCount()));
    }
    for (int i = 0; i < patch.getLayersCount(); i++) {
      FactoredLayer layer = manifest.getLayers(i);
      LayerPatch values = patch.getLayers(i);
      String field = origin + ": layer " + layer.getName();
      check(field + ": scale", values.getScale(), layer.getOutputs(), true);
      check(field + ": bias", values.getBias(), layer.getOutputs(), true);
      boolean gated = layer.getHeads() > 1;
      check(field + ": gate bias", values.getGateBias(), gated ? layer.getHeads() : 0, false);
    }
    for (GoldenOutput golden : patch.getGoldenList()) {
      check(golden, manifest, origin);
    }
    return patch;
  }

  /** The layers of a checked patch, in the order of the manifest's. */
  public static List<PatchLayer> layers(Patch patch) {
    List<PatchLayer> layers = new ArrayList<>();
    for (LayerPatch layer : patch.getLayersList()) {
      layers.add(
          new PatchLayer(
              FloatBytes.decode(layer.getScale()),
              FloatBytes.decode(layer.getBias()),
              FloatBytes.decode(layer.getGateBias())));
    }
    return layers;
  }

  private static void check(String field, ByteString values, int expected, boolean mayBeEmpty)
      throws MalformedException {
    if (mayBeEmpty && values.isEmpty()) {
      return;
    }
    long expectedBytes = (long) expected * Float.BYTES;
    if (values.size() != expectedBytes) {
      throw new MalformedException(
          "%s: %d bytes (expected: %d)".formatted(field, values.size(), expectedBytes));
    }
    for (float value : FloatBytes.decode(values)) {
      if (!Float.isFinite(value)) {
        throw new MalformedException(field + ": " + value + " (expected: a finite number)");
      }
    }
  }

  private static void check(GoldenOutput golden, Manifest manifest, String origin)
      throws MalformedException {
    Optional<TensorSpec> output =
        manifest.getOutputsList().stream()
            .filter(spec -> spec.getName().equals(golden.getOutput()))
            .findFirst();
    if (output.isEmpty()) {
      throw new MalformedException(
          "%s: golden output %s is no output of the model".formatted(origin, golden.getOutput()));
    }
    long sample = Float.BYTES;
    for (long dim : output.get().getDimsList()) {
      sample *= Math.max(dim, 1);
    }
    long samples = Integer.toUnsignedLong(golden.getSamples());
    boolean free = output.get().getDimsList().contains(-1L);
    long held = golden.getValues().size();
    boolean fits = free ? samples > 0 && held % (sample * samples) == 0 : held == sample * samples;
    if (samples < 1 || samples > 1 << 20 || held == 0 || !fits) {
      throw new MalformedException(
          "%s: golden output %s holds %d bytes for %d samples of %d bytes"
              .formatted(origin, golden.getOutput(), held, samples, sample));
    }
  }
}
