package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.DenseWeight;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.proto.v1.TensorSpec;
import dev.heirloom.proto.v1.WireFormat;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks one manifest, field by field, before anything is allocated for it. */
final class ManifestCheck {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final int MAX_WIDTH = 1 << 24;
  private static final int MAX_HEADS = 64;
  private static final int MAX_RUNGS = 256;
  private static final int MAX_LAYERS = 10_000;
  private static final int MAX_AXES = 8;

  private final Manifest manifest;

  ManifestCheck(Manifest manifest) {
    this.manifest = manifest;
  }

  void run() throws MalformedException {
    require(
        manifest.getFormat() == Manifests.FORMAT,
        "format: %s (expected: %d)",
        Integer.toUnsignedString(manifest.getFormat()),
        Manifests.FORMAT);
    require(
        NAME.matcher(manifest.getName()).matches() && !manifest.getName().startsWith("."),
        "name: '%s' (expected: 1..100 letters, digits, '.', '_' or '-')",
        printable(manifest.getName()));
    require(
        manifest.getTask() != Task.TASK_UNSPECIFIED && manifest.getTask() != Task.UNRECOGNIZED,
        "task: %s",
        manifest.getTask() == Task.UNRECOGNIZED
            ? manifest.getTaskValue() + " is unknown (expected: one that this version knows)"
            : "not given");
    checkTensors("inputs", manifest.getInputsList());
    checkTensors("outputs", manifest.getOutputsList());
    require(
        manifest.getAnswer().isEmpty()
            || manifest.getOutputsList().stream()
                .anyMatch(output -> output.getName().equals(manifest.getAnswer())),
        "answer: no output is named '%s'",
        printable(manifest.getAnswer()));
    checkPreprocessing();
    checkBlob("skeleton", manifest.getSkeleton());
    checkDense();
    if (manifest.hasProbe()) {
      checkBlob("probe", manifest.getProbe());
    }
    if (manifest.hasGoldenSamples()) {
      checkBlob("golden_samples", manifest.getGoldenSamples());
    }
    require(
        manifest.getRungsCount() >= 1 && manifest.getRungsCount() <= MAX_RUNGS,
        "rungs: %d (expected: 1..%d)",
        manifest.getRungsCount(),
        MAX_RUNGS);
    require(
        manifest.getLayersCount() >= 1 && manifest.getLayersCount() <= MAX_LAYERS,
        "layers: %d (expected: 1..%d)",
        manifest.getLayersCount(),
        MAX_LAYERS);
    checkRungs();
    Set<String> names = new HashSet<>();
    for (int index = 0; index < manifest.getLayersCount(); index++) {
      FactoredLayer layer = manifest.getLayers(index);
      require(!layer.getName().isEmpty(), "layers[%d].name: empty", index);
      require(names.add(layer.getName()), "layers[%d].name: a second %s", index, layer.getName());
      checkLayer("layer " + printable(layer.getName()), layer);
      checkBands("layer " + printable(layer.getName()), index, layer);
    }
    checkSizes();
  }

  private void checkTensors(String field, List<TensorSpec> specs) throws MalformedException {
    require(!specs.isEmpty(), "%s: none (expected: 1 or more)", field);
    Set<String> names = new HashSet<>();
    for (TensorSpec spec : specs) {
      require(!spec.getName().isEmpty(), "%s: a name is empty", field);
      require(names.add(spec.getName()), "%s: a second %s", field, printable(spec.getName()));
      require(
          spec.getType() != ElementType.ELEMENT_TYPE_UNSPECIFIED
              && spec.getType() != ElementType.UNRECOGNIZED,
          "%s: %s has no element type",
          field,
          printable(spec.getName()));
      require(
          spec.getDimsCount() <= MAX_AXES,
          "%s: %s has %d axes (expected: at most %d)",
          field,
          printable(spec.getName()),
          spec.getDimsCount(),
          MAX_AXES);
      long elements = 1;
      for (long dim : spec.getDimsList()) {
        require(
            dim == -1 || (dim >= 1 && dim <= OnnxTensors.MAX_ELEMENTS / elements),
            "%s: %s has an axis of %d",
            field,
            printable(spec.getName()),
            dim);
        elements *= dim == -1 ? 1 : dim;
      }
    }
  }

  private void checkPreprocessing() throws MalformedException {
    require(
        manifest.getPreprocessingCount() == manifest.getInputsCount(),
        "preprocessing: %d (expected: %d, one per input)",
        manifest.getPreprocessingCount(),
        manifest.getInputsCount());
    for (int i = 0; i < manifest.getInputsCount(); i++) {
      TensorSpec input = manifest.getInputs(i);
      Preprocessing steps = manifest.getPreprocessing(i);
      String field = "preprocessing of " + printable(input.getName());
      require(steps.getInput().equals(input.getName()), "%s: for another input", field);
      require(
          Float.isFinite(steps.getScale()) && steps.getScale() > 0,
          "%s: scale %s (expected: above 0)",
          field,
          steps.getScale());
      int channels = steps.getMeanCount();
      require(
          steps.getDeviationCount() == channels,
          "%s: %d means and %d deviations",
          field,
          channels,
          steps.getDeviationCount());
      require(
          channels <= 1 || (input.getDimsCount() > 0 && input.getDims(0) == channels),
          "%s: %d means (expected: none, one, or one per channel)",
          field,
          channels);
      for (int c = 0; c < channels; c++) {
        require(Float.isFinite(steps.getMean(c)), "%s: mean %s", field, steps.getMean(c));
        require(
            Float.isFinite(steps.getDeviation(c)) && steps.getDeviation(c) > 0,
            "%s: deviation %s (expected: above 0)",
            field,
            steps.getDeviation(c));
      }
    }
  }

  private void checkDense() throws MalformedException {
    Set<String> names = new HashSet<>();
    for (DenseWeight weight : manifest.getDenseList()) {
      require(names.add(weight.getName()), "dense: a second %s", printable(weight.getName()));
      wire("dense " + printable(weight.getName()), weight.getWire());
      checkBlob("dense " + printable(weight.getName()), weight.getBlob());
    }
  }

  private void checkRungs() throws MalformedException {
    for (int k = 0; k < manifest.getRungsCount(); k++) {
      Rung rung = manifest.getRungs(k);
      require(
          rung.getRanksCount() == manifest.getLayersCount(),
          "rung %d: %d ranks (expected: %d, one per layer)",
          k + 1,
          rung.getRanksCount(),
          manifest.getLayersCount());
      checkBlob("patch of rung " + (k + 1), rung.getPatch());
      require(
          rung.getProbeAgreement() >= 0 && rung.getProbeAgreement() <= 1,
          "rung %d: probe agreement %s (expected: 0..1)",
          k + 1,
          rung.getProbeAgreement());
    }
    try {
      Ladder.of(manifest);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("manifest: " + e.getMessage(), e);
    }
  }

  private void checkLayer(String field, FactoredLayer layer) throws MalformedException {
    width(field + ": outputs", layer.getOutputs(), MAX_WIDTH);
    width(field + ": inputs", layer.getInputs(), MAX_WIDTH);
    width(field + ": heads", layer.getHeads(), MAX_HEADS);
    switch (layer.getKind()) {
      case LAYER_KIND_LINEAR ->
          require(layer.getKernelCount() == 0, "%s: a linear layer with a kernel", field);
      case LAYER_KIND_CONV -> {
        require(
            layer.getKernelCount() >= 1 && layer.getKernelCount() <= 3,
            "%s: kernel with %d axes (expected: 1..3)",
            field,
            layer.getKernelCount());
        long positions = 1;
        for (int extent : layer.getKernelList()) {
          width(field + ": kernel", extent, 1 << 10);
          positions *= extent;
        }
        require(
            layer.getInputs() % positions == 0,
            "%s: inputs %d (expected: a multiple of the kernel's %d positions)",
            field,
            layer.getInputs(),
            positions);
      }
      default -> throw malformed("%s: kind not given", field);
    }
    require(layer.getKind() != LayerKind.UNRECOGNIZED, "%s: kind unknown", field);
  }

  /** Bands go from rank 0 without a gap, and each rung's rank is where its last band ends. */
  private void checkBands(String field, int index, FactoredLayer layer) throws MalformedException {
    int reached = 0;
    int lastRung = 0;
    for (Band band : layer.getBandsList()) {
      int from = band.getFromRank();
      int to = band.getToRank();
      require(
          from == reached && to > from && to <= Math.min(layer.getOutputs(), layer.getInputs()),
          "%s: band %s..%s (expected: from %d, to at most %d)",
          field,
          Integer.toUnsignedString(from),
          Integer.toUnsignedString(to),
          reached,
          Math.min(layer.getOutputs(), layer.getInputs()));
      require(
          band.getRung() > lastRung && band.getRung() <= manifest.getRungsCount(),
          "%s: band %d..%d for rung %s (expected: %d..%d)",
          field,
          from,
          to,
          Integer.toUnsignedString(band.getRung()),
          lastRung + 1,
          manifest.getRungsCount());
      String name = "%s: band %d..%d".formatted(field, from, to);
      checkBlob(name, band.getBlob());
      long expected =
          FactorPair.bandBytes(
              to - from,
              layer.getOutputs(),
              layer.getInputs(),
              layer.getHeads(),
              wire(name, band.getWire()));
      require(
          band.getBlob().getSizeBytes() == expected,
          "%s: %d bytes (expected: %d)",
          name,
          band.getBlob().getSizeBytes(),
          expected);
      reached = to;
      lastRung = band.getRung();
    }
    for (Rung rung : manifest.getRungsList()) {
      int bands = 0;
      for (Band band : Manifests.bands(layer, rung.getRung())) {
        bands = band.getToRank();
      }
      require(
          rung.getRanks(index) == bands,
          "%s: rank %d at rung %d (expected: %d, where its bands end)",
          field,
          rung.getRanks(index),
          rung.getRung(),
          bands);
    }
  }

  private void checkSizes() throws MalformedException {
    for (Rung rung : manifest.getRungsList()) {
      long expected = Manifests.sizeBytes(manifest, rung.getRung());
      require(
          rung.getSizeBytes() == expected,
          "rung %d: %d bytes (expected: %d, the sum of its blobs)",
          rung.getRung(),
          rung.getSizeBytes(),
          expected);
    }
  }

  private static void checkBlob(String field, Blob blob) throws MalformedException {
    require(
        blob.getSha256().size() == Digest.LENGTH,
        "%s: digest of %d bytes (expected: %d)",
        field,
        blob.getSha256().size(),
        Digest.LENGTH);
    long size = blob.getSizeBytes();
    require(
        size >= 0 && size <= BlobStore.MAX_BLOB_BYTES,
        "%s: %s bytes (expected: at most %d)",
        field,
        Long.toUnsignedString(size),
        BlobStore.MAX_BLOB_BYTES);
  }

  private static Wire wire(String field, WireFormat format) throws MalformedException {
    try {
      return Wire.of(format);
    } catch (MalformedException e) {
      throw malformed("%s: %s", field, String.valueOf(e.getMessage()));
    }
  }

  private static void width(String field, int value, int most) throws MalformedException {
    require(
        value >= 1 && value <= most,
        "%s: %s (expected: 1..%d)",
        field,
        Integer.toUnsignedString(value),
        most);
  }

  private static String printable(String text) {
    String brief = text.length() > 100 ? text.substring(0, 100) + "…" : text;
    return brief.replaceAll("\\p{Cntrl}", "?");
  }

  private static void require(boolean holds, String message, Object... parts)
      throws MalformedException {
    if (!holds) {
      throw malformed(message, parts);
    }
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private static MalformedException malformed(String message, Object... parts) {
    return new MalformedException("manifest: " + message.formatted(parts));
  }
}
