package dev.heirloom.inheritance.teacher;

import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A teacher's graph in which each factored layer is one FactorPair node, without weights. */
public final class Skeleton {

  private static final String DOMAIN = "dev.heirloom";

  /** Dense weights from this size on are blobs of their own; smaller ones stay in the skeleton. */
  private static final long SMALLEST_BLOB_BYTES = 1024;

  private Skeleton() {}

  /** Returns the graph with the given layers replaced; its dense weights keep their values. */
  public static ModelProto of(Teacher teacher, Collection<DenseLayer> factored) {
    return of(teacher, factored, Map.of());
  }

  /**
   * The same, with what is known of the sizes of outputs.
   *
   * @param spatial sizes of spatial axes that do not depend on the input, by output tensor
   */
  public static ModelProto of(
      Teacher teacher, Collection<DenseLayer> factored, Map<String, List<Long>> spatial) {
    ModelProto model = teacher.folded().proto();
    Map<NodeProto, DenseLayer> replaced =
        factored.stream().collect(Collectors.toMap(DenseLayer::node, layer -> layer));
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode().clearInitializer();
    Set<String> used = new HashSet<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      DenseLayer layer = replaced.get(node);
      NodeProto kept =
          layer == null
              ? node
              : factorPair(layer, spatial.getOrDefault(layer.outputTensor(), List.of()));
      used.addAll(kept.getInputList());
      graph.addNode(kept);
    }
    model.getGraph().getOutputList().forEach(output -> used.add(output.getName()));
    model.getGraph().getInitializerList().stream()
        .filter(tensor -> used.contains(tensor.getName()))
        .forEach(graph::addInitializer);
    return model.toBuilder()
        .setGraph(graph)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(DOMAIN).setVersion(1))
        .build();
  }

  private static NodeProto factorPair(DenseLayer layer, List<Long> spatial) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType("FactorPair")
            .setDomain(DOMAIN)
            .setName(layer.name())
            .addInput(layer.inputTensor())
            .addOutput(layer.outputTensor())
            .addAttribute(Attributes.stringAttribute("layer", layer.name()));
    if (layer.isConvolution()) {
      node.addAttribute(Attributes.intsAttribute("kernel_shape", longs(layer.kernel())))
          .addAttribute(Attributes.intsAttribute("strides", longs(layer.window().strides())))
          .addAttribute(Attributes.intsAttribute("pads", longs(layer.window().pads())))
          .addAttribute(Attributes.intsAttribute("dilations", longs(layer.window().dilations())));
    }
    if (layer.isConvolution() && !spatial.isEmpty()) {
      node.addAttribute(
          Attributes.intsAttribute(
              "spatial", spatial.stream().mapToLong(Long::longValue).toArray()));
    }
    return node.build();
  }

  private static long[] longs(List<Integer> values) {
    return values.stream().mapToLong(Integer::longValue).toArray();
  }

  /** Returns the graph with new values for some of its float32 weights, by name. */
  public static ModelProto withWeights(ModelProto model, Map<String, float[]> weights) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto old = graph.getInitializer(i);
      float[] values = weights.get(old.getName());
      if (values != null) {
        long[] dims = old.getDimsList().stream().mapToLong(Long::longValue).toArray();
        graph.setInitializer(i, OnnxTensors.ofFloats(old.getName(), dims, values));
      }
    }
    return model.toBuilder().setGraph(graph).build();
  }

  /**
   * A skeleton as it is stored.
   *
   * @param model larger float32 weights have dims but no values
   * @param weights the values of those, float32 row-major, by name
   */
  public record Stripped(ModelProto model, Map<String, TensorProto> weights) {
    public Stripped {
      weights = new LinkedHashMap<>(weights);
    }
  }

  /** Takes the values of the larger dense weights out of a graph. */
  public static Stripped strip(ModelProto model) {
    GraphProto.Builder graph = model.getGraph().toBuilder();
    Map<String, TensorProto> weights = new LinkedHashMap<>();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto tensor = graph.getInitializer(i);
      if (tensor.getDataType() == TensorProto.DataType.FLOAT_VALUE
          && OnnxTensors.elements(tensor) * Float.BYTES >= SMALLEST_BLOB_BYTES) {
        long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
        weights.put(
            tensor.getName(),
            OnnxTensors.ofFloats(tensor.getName(), dims, OnnxTensors.floats(tensor)));
        graph.setInitializer(
            i,
            TensorProto.newBuilder()
                .setName(tensor.getName())
                .addAllDims(tensor.getDimsList())
                .setDataType(tensor.getDataType()));
      }
    }
    return new Stripped(model.toBuilder().setGraph(graph).build(), weights);
  }
}
