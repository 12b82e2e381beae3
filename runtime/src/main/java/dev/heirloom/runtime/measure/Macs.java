package dev.heirloom.runtime.measure;

import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Multiply-accumulates of {@code Conv}, {@code Gemm} and {@code MatMul}: elements that come out
 * times elements that each is a sum of.
 */
public final class Macs {

  private Macs() {}

  /**
   * Counts from shapes that were observed.
   *
   * @param shapesByTensor shapes of what {@link #observed} names, usually for one sample
   * @throws MalformedException if a shape is missing
   */
  public static long of(OnnxModel model, Map<String, long[]> shapesByTensor)
      throws MalformedException {
    Map<String, long[]> shapes = new HashMap<>(shapesByTensor);
    for (TensorProto tensor : model.initializers().values()) {
      shapes.put(tensor.getName(), dims(tensor));
    }
    for (NodeProto node : model.nodes()) {
      if (node.getOpType().equals("Constant")) {
        Attributes.tensor(node, "value").ifPresent(t -> shapes.put(node.getOutput(0), dims(t)));
      }
    }
    long sum = 0;
    for (NodeProto node : model.nodes()) {
      if (counts(node)) {
        sum = Math.addExact(sum, of(node, shapes));
      }
    }
    return sum;
  }

  /** Runs the model on one sample and counts. */
  public static long measure(
      OnnxModel model, Map<String, TensorValue> oneSample, SessionSettings settings)
      throws SessionException, MalformedException {
    return of(model, shapes(model, oneSample, settings));
  }

  /** Runs the model on one sample and takes the shapes of what {@link #observed} names. */
  public static Map<String, long[]> shapes(
      OnnxModel model, Map<String, TensorValue> oneSample, SessionSettings settings)
      throws SessionException {
    Set<String> names = observed(model);
    Map<String, long[]> shapes = new HashMap<>();
    oneSample.forEach((name, value) -> shapes.put(name, value.dims()));
    names.removeAll(shapes.keySet());
    if (names.isEmpty()) {
      return shapes;
    }
    try (OnnxSession session = OnnxSession.open(model.withExtraOutputs(names).bytes(), settings)) {
      session.run(oneSample, names).forEach((name, value) -> shapes.put(name, value.dims()));
    }
    return shapes;
  }

  /**
   * The tensors whose shapes a count needs: what counted nodes take and give, constants left out.
   */
  public static Set<String> observed(OnnxModel model) {
    Set<String> names = new LinkedHashSet<>();
    for (NodeProto node : model.nodes()) {
      if (counts(node)) {
        names.addAll(node.getInputList().subList(0, Math.min(2, node.getInputCount())));
        names.add(node.getOutput(0));
      }
    }
    names.removeAll(model.initializers().keySet());
    return names;
  }

  static boolean counts(NodeProto node) {
    return (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx"))
        && switch (node.getOpType()) {
          case "Conv", "Gemm", "MatMul" -> true;
          default -> false;
        };
  }

  static long of(NodeProto node, Map<String, long[]> shapes) throws MalformedException {
    long outputs = 1;
    for (long dim : shape(node.getOutput(0), shapes)) {
      outputs = Math.multiplyExact(outputs, dim);
    }
    return Math.multiplyExact(outputs, summands(node, shapes));
  }

  /** Products that one element of the output is a sum of. */
  private static long summands(NodeProto node, Map<String, long[]> shapes)
      throws MalformedException {
    if (node.getOpType().equals("Conv")) {
      long product = 1;
      long[] weight = shape(node.getInput(1), shapes);
      // The weight is [outputs, inputs / group, kernel...].
      for (int axis = 1; axis < weight.length; axis++) {
        product = Math.multiplyExact(product, weight[axis]);
      }
      return product;
    }
    long[] left = shape(node.getInput(0), shapes);
    boolean transposed = node.getOpType().equals("Gemm") && Attributes.i(node, "transA", 0) != 0;
    return left.length == 0 ? 1 : left[transposed ? 0 : left.length - 1];
  }

  private static long[] shape(String tensor, Map<String, long[]> shapes) throws MalformedException {
    long[] shape = shapes.get(tensor);
    if (shape == null) {
      throw new MalformedException("tensor " + tensor + ": its shape is not known");
    }
    return shape;
  }

  private static long[] dims(TensorProto tensor) {
    return tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }
}
