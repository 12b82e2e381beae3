package dev.heirloom.bench;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Parameters and multiply-accumulates of a graph, counted from the graph alone: a second opinion on
 * what families report.
 *
 * <p>A constant of zeros and ones that only copies what it is multiplied with (the assembly spreads
 * gates over ranks that way) is no parameter, and its product no work.
 *
 * @param parameters elements of floating-point constants
 * @param macs of convolutions and matrix products, for the sample that was run
 */
record GraphCount(long parameters, long macs) {

  /**
   * Counts.
   *
   * @param sample a batch of one
   */
  static GraphCount of(OnnxModel model, Map<String, TensorValue> sample)
      throws SessionException, MalformedException {
    ModelProto proto = model.proto();
    Map<String, TensorProto> constants = new HashMap<>();
    proto.getGraph().getInitializerList().forEach(t -> constants.put(t.getName(), t));
    for (NodeProto node : proto.getGraph().getNodeList()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        boolean large = attribute.hasT() && OnnxTensors.elements(attribute.getT()) > 1;
        if (node.getOpType().equals("Constant") && large) {
          constants.put(node.getOutput(0), attribute.getT());
        }
      }
    }
    Set<String> selections = new LinkedHashSet<>();
    long parameters = 0;
    for (Map.Entry<String, TensorProto> constant : constants.entrySet()) {
      if (isSelection(constant.getValue())) {
        selections.add(constant.getKey());
      } else if (OnnxTensors.isFloatingPoint(constant.getValue())) {
        parameters += OnnxTensors.elements(constant.getValue());
      }
    }
    Map<String, long[]> shapes = shapes(model, constants, sample);
    long macs = 0;
    for (NodeProto node : proto.getGraph().getNodeList()) {
      if (multiplies(node) && !selections.contains(node.getInput(1))) {
        macs += macs(node, shapes);
      }
    }
    return new GraphCount(parameters, macs);
  }

  private static boolean multiplies(NodeProto node) {
    return Set.of("Conv", "Gemm", "MatMul").contains(node.getOpType());
  }

  /** Each element of the output is as many products as one output has weights. */
  private static long macs(NodeProto node, Map<String, long[]> shapes) {
    long[] output = shape(shapes, node.getOutput(0));
    long[] right = shape(shapes, node.getInput(1));
    long elements = Arrays.stream(output).reduce(1, Math::multiplyExact);
    if (node.getOpType().equals("Conv")) {
      return elements * (Arrays.stream(right).reduce(1, Math::multiplyExact) / right[0]);
    }
    boolean transposed =
        node.getOpType().equals("Gemm")
            && node.getAttributeList().stream()
                .anyMatch(a -> a.getName().equals("transB") && a.getI() != 0);
    return elements * right[right.length - (transposed ? 1 : Math.min(2, right.length))];
  }

  private static long[] shape(Map<String, long[]> shapes, String name) {
    long[] shape = shapes.get(name);
    if (shape == null) {
      throw new IllegalStateException("no shape of " + name);
    }
    return shape;
  }

  private static Map<String, long[]> shapes(
      OnnxModel model, Map<String, TensorProto> constants, Map<String, TensorValue> sample)
      throws SessionException, MalformedException {
    Map<String, long[]> shapes = new HashMap<>();
    constants.forEach(
        (name, t) ->
            shapes.put(name, t.getDimsList().stream().mapToLong(Long::longValue).toArray()));
    sample.forEach((name, value) -> shapes.put(name, value.dims()));
    Set<String> wanted = new LinkedHashSet<>();
    for (NodeProto node : model.nodes()) {
      if (multiplies(node)) {
        wanted.add(node.getInput(1));
        wanted.add(node.getOutput(0));
      }
    }
    wanted.removeAll(shapes.keySet());
    byte[] observed = model.withExtraOutputs(wanted).bytes();
    try (OnnxSession session = OnnxSession.open(observed, SessionSettings.cpu(1))) {
      session.run(sample, wanted).forEach((name, value) -> shapes.put(name, value.dims()));
    }
    return shapes;
  }

  /** Whether each column has one one and else zeros, and there are more columns than rows. */
  private static boolean isSelection(TensorProto tensor) {
    if (tensor.getDataType() != TensorProto.DataType.FLOAT_VALUE
        || tensor.getDimsCount() != 2
        || tensor.getDims(0) < 2) {
      return false;
    }
    int columns = (int) tensor.getDims(1);
    float[] values = OnnxTensors.floats(tensor);
    int[] ones = new int[columns];
    for (int i = 0; i < values.length; i++) {
      if (values[i] != 0 && values[i] != 1) {
        return false;
      }
      ones[i % columns] += (int) values[i];
    }
    return Arrays.stream(ones).allMatch(one -> one == 1);
  }
}
