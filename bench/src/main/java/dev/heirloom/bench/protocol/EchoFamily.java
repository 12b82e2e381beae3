package dev.heirloom.bench.protocol;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.proto.v1.TensorSpec;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.assembly.HeirAssembler;
import dev.heirloom.runtime.family.BlobStore;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Manifests;
import dev.heirloom.runtime.family.MemoryBlobStore;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.family.Patches;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.ElementTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A family of one rung whose model gives back what it is given: for each data type {@code T} of the
 * protocol an input {@code x_T} and an output {@code y_T}, [batch, 3]. An output {@code scores},
 * [batch, 4], comes out of the one factored layer. It has no probe, for samples are not of every
 * type.
 */
public final class EchoFamily {
  private static final int WIDTH = 3;
  private static final int CLASSES = 4;
  private static final String SCORES = "scores";
  private static final String MEASURED = "measured";
  private static final int OPSET = 17;
  private static final int IR_VERSION = 8;

  private final MemoryBlobStore blobs = new MemoryBlobStore();
  private final List<Tensor> tensors;

  /**
   * A data type.
   *
   * @param name as the protocol has it
   */
  public record Tensor(String name, ElementType type) {
    String input() {
      return "x_" + name;
    }

    String output() {
      return "y_" + name;
    }
  }

  private EchoFamily(List<Tensor> tensors) {
    this.tensors = tensors;
  }

  /**
   * Makes a family.
   *
   * @param tensors one of them a floating-point number, which the factored layer measures
   */
  public static Family write(Path directory, String name, List<Tensor> tensors)
      throws IOException, MalformedException {
    EchoFamily family = new EchoFamily(List.copyOf(tensors));
    return Family.write(directory, family.manifest(name), family.blobs);
  }

  private Manifest manifest(String name) throws IOException, MalformedException {
    FactorPair pair =
        new FactorPair(
            "fc",
            LayerKind.LAYER_KIND_LINEAR,
            CLASSES,
            WIDTH,
            List.of(),
            1,
            new float[] {1, 2, 3},
            List.of(new float[] {1, -1, 0.5f, 0}),
            new float[0]);
    PatchLayer patch = new PatchLayer(new float[0], new float[0], new float[0]);
    Manifest.Builder manifest =
        Manifest.newBuilder()
            .setFormat(Manifests.FORMAT)
            .setName(name)
            .setMethod("echo")
            .setTask(Task.TASK_CLASSIFICATION)
            .setUnlabelled(true)
            .addOutputs(spec(SCORES, ElementType.ELEMENT_TYPE_FLOAT32, CLASSES))
            .setSkeleton(put(skeleton(pair).toByteArray()))
            .addLayers(
                FactoredLayer.newBuilder()
                    .setName(pair.name())
                    .setKind(pair.kind())
                    .setOutputs(CLASSES)
                    .setInputs(WIDTH)
                    .setHeads(1)
                    .addBands(
                        Band.newBuilder().setRung(1).setToRank(1).setBlob(put(pair.band(0, 1)))))
            .addRungs(
                Rung.newBuilder()
                    .setRung(1)
                    .addRanks(1)
                    .setPatch(put(Patches.of(1, List.of(patch), List.of()).toByteArray())));
    for (Tensor tensor : tensors) {
      manifest
          .addInputs(spec(tensor.input(), tensor.type(), WIDTH))
          .addPreprocessing(Preprocessing.newBuilder().setInput(tensor.input()).setScale(1))
          .addOutputs(spec(tensor.output(), tensor.type(), WIDTH));
    }
    manifest.getRungsBuilder(0).setSizeBytes(Manifests.sizeBytes(manifest.build(), 1));
    return manifest.build();
  }

  private ModelProto skeleton(FactorPair pair) {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("echo")
            .addOutput(value(SCORES, ElementType.ELEMENT_TYPE_FLOAT32, CLASSES));
    for (Tensor tensor : tensors) {
      graph
          .addInput(value(tensor.input(), tensor.type(), WIDTH))
          .addOutput(value(tensor.output(), tensor.type(), WIDTH))
          .addNode(node("Identity", tensor.input(), tensor.output()));
    }
    int float32 = ElementTypes.toOnnx(ElementType.ELEMENT_TYPE_FLOAT32);
    graph
        .addNode(
            node("Cast", floating().input(), MEASURED)
                .addAttribute(Attributes.intAttribute("to", float32)))
        .addNode(
            node(HeirAssembler.FACTOR_PAIR, MEASURED, SCORES)
                .setDomain(HeirAssembler.DOMAIN)
                .setName(pair.name())
                .addAttribute(Attributes.stringAttribute(HeirAssembler.LAYER, pair.name())));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(graph)
        .build();
  }

  private Tensor floating() {
    return tensors.stream()
        .filter(
            tensor ->
                tensor.type() == ElementType.ELEMENT_TYPE_FLOAT32
                    || tensor.type() == ElementType.ELEMENT_TYPE_FLOAT16)
        .findFirst()
        .orElseThrow();
  }

  private static NodeProto.Builder node(String operator, String input, String output) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(output + "_node")
        .addInput(input)
        .addOutput(output);
  }

  private static ValueInfoProto value(String name, ElementType type, int width) {
    TensorShapeProto.Builder shape =
        TensorShapeProto.newBuilder()
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("batch"))
            .addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(width));
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(ElementTypes.toOnnx(type)).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  private static TensorSpec spec(String name, ElementType type, int width) {
    return TensorSpec.newBuilder().setName(name).setType(type).addDims(width).build();
  }

  private Blob put(byte[] content) throws IOException {
    blobs.put(content);
    return BlobStore.blob(content);
  }
}
