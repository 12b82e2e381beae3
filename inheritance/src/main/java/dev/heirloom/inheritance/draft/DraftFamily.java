package dev.heirloom.inheritance.draft;

import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.DenseWeight;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.GoldenOutput;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Patch;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.MemoryBlobStore;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.family.Wire;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A family in the making: skeleton, dense weights, factors and patches as blobs in memory, and a
 * manifest whose figures are still open. Its heirs can be assembled and measured before anything is
 * written.
 */
public final class DraftFamily {

  private final Wire wire;
  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final List<DraftLayer> layers;
  private final List<List<Integer>> ranksByRung;
  private final List<Patch> patches = new ArrayList<>();
  private final Manifest.Builder manifest = Manifest.newBuilder().setFormat(1);
  private final long denseParameters;
  private final long denseBytes;

  /** Builds every blob, the weights as float32. */
  public DraftFamily(
      ModelProto skeleton,
      List<DraftLayer> layers,
      List<List<Integer>> ranksByRung,
      List<List<PatchLayer>> patchesByRung)
      throws IOException {
    this(skeleton, layers, ranksByRung, patchesByRung, Wire.FP32);
  }

  /**
   * Builds every blob. Its heirs are assembled from these: what is measured is what is written.
   *
   * @param skeleton with the values of its dense weights
   * @param layers in the order in which ranks and patches are given
   * @param ranksByRung per rung, smallest first, per layer; never falling
   * @param patchesByRung per rung, per layer
   * @param wire how weights are written; one that it does not keep is written as float32
   */
  public DraftFamily(
      ModelProto skeleton,
      List<DraftLayer> layers,
      List<List<Integer>> ranksByRung,
      List<List<PatchLayer>> patchesByRung,
      Wire wire)
      throws IOException {
    this.wire = wire;
    this.layers = List.copyOf(layers);
    this.ranksByRung = ranksByRung.stream().map(List::copyOf).toList();
    manifest.setName("draft");
    Skeleton.Stripped stripped = Skeleton.strip(skeleton);
    manifest.setSkeleton(put(stripped.model().toByteArray()));
    for (TensorProto weight : stripped.weights().values()) {
      manifest.addDense(dense(weight));
    }
    this.denseParameters =
        skeleton.getGraph().getInitializerList().stream()
            .filter(tensor -> tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE)
            .mapToLong(OnnxTensors::elements)
            .sum();
    this.denseBytes =
        stripped.weights().values().stream().mapToLong(w -> w.getRawData().size()).sum();
    for (int layer = 0; layer < layers.size(); layer++) {
      manifest.addLayers(bands(layer));
    }
    for (int rung = 1; rung <= ranksByRung.size(); rung++) {
      patches.add(Patches.of(rung, patchesByRung.get(rung - 1), List.of()));
      manifest.addRungs(
          Rung.newBuilder()
              .setRung(rung)
              .addAllRanks(ranksByRung.get(rung - 1))
              .setPatch(put(patches.get(rung - 1).toByteArray()))
              .setParameters(parameters(rung)));
    }
  }

  private Blob put(byte[] content) throws IOException {
    Digest digest = blobs.put(content);
    return Blob.newBuilder().setSha256(digest.bytes()).setSizeBytes(content.length).build();
  }

  private DenseWeight dense(TensorProto weight) throws IOException {
    FloatBuffer values = FloatBuffer.wrap(OnnxTensors.floats(weight));
    Wire used = wire.keeps(values) ? wire : Wire.FP32;
    return DenseWeight.newBuilder()
        .setName(weight.getName())
        .setBlob(put(used.encode(values)))
        .setWire(used.format())
        .build();
  }

  private FactoredLayer bands(int layer) throws IOException {
    FactorPair pair = layers.get(layer).pair();
    FactoredLayer.Builder result =
        FactoredLayer.newBuilder()
            .setName(pair.name())
            .setKind(pair.kind())
            .setOutputs(pair.outputs())
            .setInputs(pair.inputs())
            .setHeads(pair.heads())
            .addAllKernel(pair.kernel());
    int held = 0;
    for (int rung = 1; rung <= ranksByRung.size(); rung++) {
      int rank = ranksByRung.get(rung - 1).get(layer);
      if (rank > held) {
        Wire used = pair.keeps(held, rank, wire) ? wire : Wire.FP32;
        result.addBands(
            Band.newBuilder()
                .setRung(rung)
                .setFromRank(held)
                .setToRank(rank)
                .setBlob(put(pair.band(held, rank, used)))
                .setWire(used.format()));
        held = rank;
      }
    }
    return result.build();
  }

  /** Number of rungs. */
  public int size() {
    return ranksByRung.size();
  }

  public List<DraftLayer> layers() {
    return layers;
  }

  /** True ranks of one rung, from 1, in the order of the layers. */
  public List<Integer> ranks(int rung) {
    return ranksByRung.get(rung - 1);
  }

  /** Elements of all floating-point weights of one rung, at true ranks. */
  public long parameters(int rung) {
    long sum = denseParameters;
    for (int i = 0; i < layers.size(); i++) {
      sum += layers.get(i).parameters(ranks(rung).get(i));
    }
    return sum;
  }

  /** Multiply-accumulates of one rung for one sample, given the teacher's. */
  public long macs(int rung, long teacherMacs) {
    long sum = teacherMacs;
    for (int i = 0; i < layers.size(); i++) {
      sum += layers.get(i).macs(ranks(rung).get(i)) - layers.get(i).denseMacs();
    }
    return sum;
  }

  /** Weights as the runtime holds them, padded, in bytes. */
  public long residentBytes(int rung) {
    long sum = denseBytes;
    for (int i = 0; i < layers.size(); i++) {
      int padded = HeirAssembler.paddedRank(ranks(rung).get(i));
      sum += layers.get(i).parameters(padded) * Float.BYTES;
    }
    return sum;
  }

  /** Size of all blobs that one rung is assembled from. */
  public long sizeBytes(int rung) throws MalformedException {
    return Manifests.sizeBytes(manifest.build(), rung);
  }

  /** One rung as plain ONNX. */
  public byte[] heir(int rung) throws IOException, MalformedException {
    return HeirAssembler.assemble(manifest.build(), rung, blobs);
  }

  /** Adds the outputs that a device is checked against to one rung's patch. */
  public void setGolden(int rung, List<GoldenOutput> golden) throws IOException {
    Patch patch = patches.get(rung - 1).toBuilder().clearGolden().addAllGolden(golden).build();
    patches.set(rung - 1, patch);
    manifest.setRungs(
        rung - 1, manifest.getRungs(rung - 1).toBuilder().setPatch(put(patch.toByteArray())));
  }

  /** Adds a blob that the manifest will name. */
  public Blob add(byte[] content) throws IOException {
    return put(content);
  }

  /** The manifest so far, to be completed with figures. */
  public Manifest.Builder manifest() {
    return manifest.clone();
  }

  public MemoryBlobStore blobs() {
    return blobs;
  }
}
