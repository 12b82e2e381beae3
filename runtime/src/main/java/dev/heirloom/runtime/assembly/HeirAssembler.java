package dev.heirloom.runtime.assembly;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.DenseWeight;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.family.Wire;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts one rung of a family together as a plain ONNX model. */
public final class HeirAssembler {

  /** The operator domain of factored layers in a skeleton. */
  public static final String DOMAIN = "dev.heirloom";

  /** The operator of factored layers in a skeleton. */
  public static final String FACTOR_PAIR = "FactorPair";

  /** The attribute that names a factored layer in the manifest. */
  public static final String LAYER = "layer";

  /**
   * The attribute with the sizes of a convolution's spatial axes at its output, where they do not
   * depend on the input.
   */
  public static final String SPATIAL = "spatial";

  /** Channels that the runtime's convolutions work on at once; a part of a block costs a whole. */
  private static final int BLOCK = 16;

  /** The oldest operator set whose operators broadcast as those that are put in here rely on. */
  private static final int LEAST_OPSET = 7;

  private HeirAssembler() {}

  /**
   * Puts a rung together.
   *
   * @param manifest a checked manifest
   * @param rung from 1
   * @param blobs holds what the rung needs
   * @return the content of an ONNX file with the teacher's inputs and outputs
   * @throws java.nio.file.NoSuchFileException if a blob is not there
   * @throws MalformedException if there is no such rung, or a blob is not what it should be
   */
  public static byte[] assemble(Manifest manifest, int rung, BlobStore blobs)
      throws IOException, MalformedException {
    return assemble(manifest, rung, blobs, Padding.BLOCK).bytes();
  }

  /**
   * Puts a rung together with ranks padded or as they are; the outputs are the same.
   *
   * @see #assemble(Manifest, int, BlobStore)
   */
  public static OnnxModel assemble(Manifest manifest, int rung, BlobStore blobs, Padding padding)
      throws IOException, MalformedException {
    Manifests.rung(manifest, rung);
    ModelProto skeleton = skeleton(blobs.read(manifest.getSkeleton()));
    List<PatchLayer> patches =
        Patches.layers(
            Patches.parse(blobs.read(manifest.getRungs(rung - 1).getPatch()), manifest, rung));
    Map<String, RungLayer> layers = new HashMap<>();
    for (int i = 0; i < manifest.getLayersCount(); i++) {
      FactoredLayer layer = manifest.getLayers(i);
      List<byte[]> bands = new ArrayList<>();
      for (Band band : Manifests.bands(layer, rung)) {
        bands.add(blobs.read(band.getBlob()));
      }
      int rank = manifest.getRungs(rung - 1).getRanks(i);
      FactorPair pair = FactorPair.fromBands(layer, rank, bands);
      layers.put(layer.getName(), new RungLayer(pair, patches.get(i)));
    }
    Map<String, DenseWeight> dense = new HashMap<>();
    for (DenseWeight weight : manifest.getDenseList()) {
      dense.put(weight.getName(), weight);
    }
    return build(skeleton, layers, padding, withValues(skeleton, dense, blobs));
  }

  /**
   * Puts a model together from factors that are still in memory.
   *
   * @param skeleton a model with {@value #FACTOR_PAIR} nodes whose dense weights have their values
   * @param layers by layer name, each with its patch
   * @throws MalformedException if the skeleton's nodes and the layers do not fit
   */
  public static OnnxModel assemble(
      ModelProto skeleton, Map<String, RungLayer> layers, Padding padding)
      throws MalformedException {
    return build(skeleton, layers, padding, skeleton.getGraph().getInitializerList());
  }

  /** The rank that {@code rank} is padded to with zeros: the next multiple of a block. */
  public static int paddedRank(int rank) {
    return Math.multiplyExact(Math.floorDiv(rank + BLOCK - 1, BLOCK), BLOCK);
  }

  /** The rank as assembled: padded, unless that is more than the layer has outputs. */
  public static int paddedRank(int rank, int outputs) {
    int padded = paddedRank(rank);
    return padded > outputs ? rank : padded;
  }

  private static OnnxModel build(
      ModelProto skeleton, Map<String, RungLayer> layers, Padding padding, List<TensorProto> dense)
      throws MalformedException {
    GraphProto.Builder graph = skeleton.getGraph().toBuilder().clearInitializer().clearNode();
    graph.addAllInitializer(dense);
    Set<String> taken = new HashSet<>();
    dense.forEach(tensor -> taken.add(tensor.getName()));
    skeleton.getGraph().getNodeList().forEach(node -> taken.addAll(node.getOutputList()));
    skeleton.getGraph().getInputList().forEach(input -> taken.add(input.getName()));
    LayerNodes nodes = new LayerNodes(graph, taken, padding, opset(skeleton));
    Set<String> used = new HashSet<>();
    for (NodeProto node : skeleton.getGraph().getNodeList()) {
      if (!node.getDomain().equals(DOMAIN)) {
        graph.addNode(node);
        continue;
      }
      String name = Attributes.s(node, LAYER, "");
      RungLayer layer = layers.get(name);
      if (!node.getOpType().equals(FACTOR_PAIR) || layer == null) {
        throw new MalformedException(
            "skeleton: node %s (%s) for layer '%s', which the family does not have"
                .formatted(node.getName(), node.getOpType(), name));
      }
      if (node.getInputCount() != 1 || node.getOutputCount() != 1) {
        throw new MalformedException(
            "skeleton: layer %s: %d inputs and %d outputs (expected: one of each)"
                .formatted(name, node.getInputCount(), node.getOutputCount()));
      }
      nodes.add(node, layer);
      used.add(name);
    }
    if (used.size() < layers.size()) {
      Set<String> unused = new HashSet<>(layers.keySet());
      unused.removeAll(used);
      throw new MalformedException("skeleton: no node for layer " + unused.iterator().next());
    }
    ModelProto.Builder model = skeleton.toBuilder().setGraph(graph).clearOpsetImport();
    for (OperatorSetIdProto set : skeleton.getOpsetImportList()) {
      if (!set.getDomain().equals(DOMAIN)) {
        model.addOpsetImport(set);
      }
    }
    OnnxModel whole = OnnxModel.of(model.build(), "heir");
    if (whole.opset() < LEAST_OPSET) {
      throw new MalformedException(
          "skeleton: opset %d (expected: %d or later)".formatted(whole.opset(), LEAST_OPSET));
    }
    return whole;
  }

  private static int opset(ModelProto model) {
    return model.getOpsetImportList().stream()
        .filter(set -> set.getDomain().isEmpty() || set.getDomain().equals("ai.onnx"))
        .mapToInt(set -> (int) set.getVersion())
        .max()
        .orElse(0);
  }

  private static ModelProto skeleton(byte[] bytes) throws MalformedException {
    try {
      return ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException("skeleton: not an ONNX model, or truncated", e);
    }
  }

  private static List<TensorProto> withValues(
      ModelProto skeleton, Map<String, DenseWeight> dense, BlobStore blobs)
      throws IOException, MalformedException {
    List<TensorProto> whole = new ArrayList<>();
    Set<String> filled = new HashSet<>();
    for (TensorProto tensor : skeleton.getGraph().getInitializerList()) {
      DenseWeight weight = dense.get(tensor.getName());
      if (weight == null) {
        whole.add(tensor);
        continue;
      }
      whole.add(withValues(tensor, weight, blobs));
      filled.add(tensor.getName());
    }
    for (String name : dense.keySet()) {
      if (!filled.contains(name)) {
        throw new MalformedException("dense weight " + name + ": the skeleton has no such tensor");
      }
    }
    return whole;
  }

  private static TensorProto withValues(TensorProto tensor, DenseWeight weight, BlobStore blobs)
      throws IOException, MalformedException {
    Wire wire = Wire.of(weight.getWire());
    if (wire == Wire.FP16 && tensor.getDataType() != TensorProto.DataType.FLOAT_VALUE) {
      throw new MalformedException(
          "dense weight %s: half precision of a tensor that is not float32"
              .formatted(tensor.getName()));
    }
    long expected;
    try {
      int valueBytes =
          wire == Wire.FP16 ? wire.valueBytes() : OnnxTensors.elementBytes(tensor.getDataType());
      expected = OnnxTensors.elements(tensor) * valueBytes;
    } catch (IllegalArgumentException e) {
      throw new MalformedException("skeleton: " + e.getMessage(), e);
    }
    Blob blob = weight.getBlob();
    if (blob.getSizeBytes() != expected) {
      throw new MalformedException(
          "dense weight %s: %d bytes (expected: %d for dims %s)"
              .formatted(tensor.getName(), blob.getSizeBytes(), expected, tensor.getDimsList()));
    }
    byte[] content = blobs.read(blob);
    return tensor.toBuilder()
        .setRawData(
            UnsafeByteOperations.unsafeWrap(
                wire == Wire.FP16 ? expanded(tensor, content) : content))
        .build();
  }

  private static byte[] expanded(TensorProto tensor, byte[] halves) throws MalformedException {
    try {
      return Wire.FP32.encode(Wire.FP16.decode(halves));
    } catch (MalformedException e) {
      throw new MalformedException("dense weight " + tensor.getName() + ": " + e.getMessage(), e);
    }
  }
}
