package dev.heirloom.inheritance.quantization;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorProto.DataType;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Rewrites a model to 8 bits in the form of {@code QuantizeLinear} and {@code DequantizeLinear}
 * pairs, from which the runtime makes integer kernels: weights as symmetric int8 per output
 * channel, activations as asymmetric uint8, biases as int32.
 */
public final class StaticQuantization {
  private static final int FIRST_OPSET = 10;

  /** From here on a scale per channel can be written. */
  private static final int CHANNELS_OPSET = 13;

  private static final int LARGEST = 127;

  private final OnnxModel model;
  private final ActivationRanges ranges;
  private final double coverage;
  private final QuantizedTensors.Chosen chosen;
  private final boolean perChannel;
  private final GraphProto.Builder graph;
  private final Map<String, float[]> weightSteps = new HashMap<>();

  private StaticQuantization(OnnxModel model, ActivationRanges ranges, double coverage) {
    this.model = model;
    this.ranges = ranges;
    this.coverage = coverage;
    this.chosen = QuantizedTensors.in(model);
    this.perChannel = model.opset() >= CHANNELS_OPSET;
    this.graph = model.proto().getGraph().toBuilder().clearNode().clearInitializer();
  }

  /**
   * The 8-bit model.
   *
   * @param model float32, normalisation folded
   * @param ranges observed on this model
   * @param coverage share of the values that a range takes in; 1 clips nothing
   * @throws RefusedException where the model's operator set is older than 8-bit arithmetic, or
   *     nothing in it can be 8-bit
   */
  public static OnnxModel of(OnnxModel model, ActivationRanges ranges, double coverage)
      throws MalformedException, RefusedException {
    if (model.opset() < FIRST_OPSET) {
      throw new RefusedException(
          "int8: the model is of opset %d (expected: %d or newer)"
              .formatted(model.opset(), FIRST_OPSET),
          List.of());
    }
    StaticQuantization quantization = new StaticQuantization(model, ranges, coverage);
    if (quantization.chosen.layers().isEmpty()) {
      throw new RefusedException("int8: no layer has a constant float32 weight", List.of());
    }
    return quantization.build();
  }

  private OnnxModel build() throws MalformedException {
    model.inputs().forEach(input -> pair(input.name()));
    for (NodeProto node : model.nodes()) {
      graph.addNode(rewired(node));
      node.getOutputList().forEach(this::pair);
    }
    Set<String> used = new HashSet<>();
    graph.getNodeList().forEach(node -> used.addAll(node.getInputList()));
    graph.getOutputList().forEach(output -> used.add(output.getName()));
    model.initializers().values().stream()
        .filter(tensor -> used.contains(tensor.getName()))
        .forEach(graph::addInitializer);
    return OnnxModel.of(model.proto().toBuilder().setGraph(graph).build(), "int8");
  }

  private Scale scale(String tensor) {
    return ranges.scale(chosen.ranges().getOrDefault(tensor, tensor), coverage);
  }

  /** Adds the pair after a tensor, where it is to be 8-bit. */
  private void pair(String tensor) {
    if (!chosen.ranges().containsKey(tensor)) {
      return;
    }
    Scale scale = scale(tensor);
    floats(tensor + "/scale", new float[] {scale.step()}, true);
    bytes(tensor + "/zero", DataType.UINT8_VALUE, new long[0], new byte[] {(byte) scale.zero()});
    List<String> how = List.of(tensor + "/scale", tensor + "/zero");
    graph.addNode(node("QuantizeLinear", tensor, how, tensor + "/q"));
    graph.addNode(node("DequantizeLinear", tensor + "/q", how, tensor + "/dq"));
  }

  private static NodeProto node(String type, String input, List<String> how, String output) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(output)
        .addInput(input)
        .addAllInput(how)
        .addOutput(output)
        .build();
  }

  private NodeProto rewired(NodeProto node) {
    NodeProto.Builder builder = node.toBuilder();
    for (int i = 0; i < node.getInputCount(); i++) {
      if (chosen.ranges().containsKey(node.getInput(i))) {
        builder.setInput(i, node.getInput(i) + "/dq");
      }
    }
    if (chosen.layers().contains(node)) {
      float[] steps = weight(node);
      builder.setInput(1, node.getInput(1) + "/dq");
      if (bias(node, steps)) {
        builder.setInput(2, node.getOutput(0) + "/bias/dq");
      }
    }
    return builder.build();
  }

  private static int channelAxis(NodeProto node) {
    boolean first = node.getOpType().equals("Conv") || Attributes.i(node, "transB", 0) != 0;
    return first ? 0 : 1;
  }

  /** Adds a layer's 8-bit weight; gives the step of each output channel, or one for all. */
  private float[] weight(NodeProto node) {
    String name = node.getInput(1);
    float[] known = weightSteps.get(name);
    if (known != null) {
      return known;
    }
    TensorProto weight = Objects.requireNonNull(model.initializers().get(name));
    long[] dims = weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
    int axis = channelAxis(node);
    int channels = perChannel ? Math.toIntExact(dims[axis]) : 1;
    float[] values = OnnxTensors.floats(weight);
    int stride = values.length;
    for (int i = 0; i <= axis && perChannel; i++) {
      stride = Math.toIntExact(stride / dims[i]);
    }
    float[] steps = new float[channels];
    for (int i = 0; i < values.length; i++) {
      int channel = i / stride % channels;
      steps[channel] = Math.max(steps[channel], Math.abs(values[i]) / LARGEST);
    }
    for (int channel = 0; channel < channels; channel++) {
      steps[channel] = steps[channel] > 0 ? steps[channel] : 1;
    }
    byte[] small = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      long rounded = Math.round((double) values[i] / steps[i / stride % channels]);
      small[i] = (byte) Math.max(-LARGEST, Math.min(LARGEST, rounded));
    }
    bytes(name + "/q", DataType.INT8_VALUE, dims, small);
    floats(name + "/scale", steps, !perChannel);
    bytes(
        name + "/zero",
        DataType.INT8_VALUE,
        perChannel ? new long[] {channels} : new long[0],
        new byte[channels]);
    graph.addNode(
        dequantized(name + "/q", List.of(name + "/scale", name + "/zero"), name + "/dq", axis));
    weightSteps.put(name, steps);
    return steps;
  }

  private NodeProto dequantized(String input, List<String> how, String output, int axis) {
    NodeProto node = node("DequantizeLinear", input, how, output);
    return perChannel
        ? node.toBuilder().addAttribute(Attributes.intAttribute("axis", axis)).build()
        : node;
  }

  /** Adds a layer's 32-bit bias, in steps of the product; false where it has none. */
  private boolean bias(NodeProto node, float[] weightSteps) {
    String name = node.getInputCount() > 2 ? node.getInput(2) : "";
    TensorProto bias = model.initializers().get(name);
    long[] dims =
        bias == null
            ? new long[0]
            : bias.getDimsList().stream().mapToLong(Long::longValue).toArray();
    boolean whole = dims.length == 1 && (!perChannel || dims[0] == weightSteps.length);
    if (bias == null || !whole) {
      return false;
    }
    float inputStep = scale(node.getInput(0)).step();
    float[] values = OnnxTensors.floats(bias);
    float[] steps = new float[weightSteps.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = inputStep * weightSteps[i];
    }
    ByteBuffer wide =
        ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      double rounded = Math.rint((double) values[i] / steps[i % steps.length]);
      wide.putInt((int) rounded);
    }
    String own = node.getOutput(0) + "/bias";
    graph.addInitializer(
        OnnxTensors.ofRaw(
            own + "/q", DataType.INT32_VALUE, dims, UnsafeByteOperations.unsafeWrap(wide.flip())));
    floats(own + "/scale", steps, !perChannel);
    graph.addNode(dequantized(own + "/q", List.of(own + "/scale"), own + "/dq", 0));
    return true;
  }

  private void floats(String name, float[] values, boolean scalar) {
    long[] dims = scalar ? new long[0] : new long[] {values.length};
    graph.addInitializer(OnnxTensors.ofFloats(name, dims, values));
  }

  private void bytes(String name, int type, long[] dims, byte[] values) {
    graph.addInitializer(OnnxTensors.ofRaw(name, type, dims, ByteString.copyFrom(values)));
  }
}
