package dev.heirloom.inheritance.training;

import dev.heirloom.inheritance.training.Moments.Statistics;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** An ONNX graph made ready to run again and again: names resolved, constants computed. */
final class Network {
  /**
   * One node.
   *
   * @param inputs slot of each input, -1 where it is absent
   * @param dying slots whose value no later step needs
   */
  @SuppressWarnings("ArrayRecordComponent") // never leaves this class
  private record Step(
      NodeProto node,
      Operator operator,
      int[] inputs,
      int[] outputs,
      boolean[] trained,
      int[] dying) {}

  private final int opset;
  private final Map<String, Integer> slots = new HashMap<>();
  private final Map<Integer, Tensor> fixed = new HashMap<>();
  private final Map<String, Tensor> dense = new LinkedHashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<String> outputs;

  /**
   * Prepares a graph.
   *
   * @param layers factored layers by name
   * @param weights owns the tensors that this network keeps
   * @param kept names of values that callers may ask for beside the graph's outputs
   */
  Network(ModelProto model, Map<String, FactorLayer> layers, Weights weights, Set<String> kept)
      throws TrainingException {
    GraphProto graph = model.getGraph();
    opset = opset(model);
    outputs = graph.getOutputList().stream().map(o -> o.getName()).toList();
    Set<Integer> trained = addInitializers(graph, weights, layers.isEmpty());
    graph.getInputList().forEach(input -> slot(input.getName()));
    Map<Integer, Integer> lastUse = lastUses(graph, kept);
    for (int position = 0; position < graph.getNodeCount(); position++) {
      NodeProto node = graph.getNode(position);
      int[] inputs =
          node.getInputList().stream().mapToInt(n -> n.isEmpty() ? -1 : slot(n)).toArray();
      int[] results = node.getOutputList().stream().mapToInt(this::slot).toArray();
      boolean[] isTrained = new boolean[Math.max(2, inputs.length)];
      for (int i = 0; i < inputs.length; i++) {
        isTrained[i] = trained.contains(inputs[i]);
      }
      int here = position;
      int[] dying =
          Arrays.stream(concat(inputs, results))
              .distinct()
              .filter(s -> s >= 0 && !fixed.containsKey(s) && lastUse.getOrDefault(s, here) == here)
              .toArray();
      Step step = new Step(node, operator(node, layers), inputs, results, isTrained, dying);
      if (isConstant(step, trained)) {
        fix(step, weights);
      } else {
        steps.add(step);
      }
    }
  }

  private static int opset(ModelProto model) {
    return model.getOpsetImportList().stream()
        .filter(o -> o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx"))
        .mapToInt(o -> (int) o.getVersion())
        .findFirst()
        .orElse(1);
  }

  private int slot(String name) {
    return slots.computeIfAbsent(name, n -> slots.size());
  }

  private Set<Integer> addInitializers(GraphProto graph, Weights weights, boolean whole) {
    Set<String> names = TrainedWeights.of(graph, whole);
    Set<Integer> trained = new HashSet<>();
    for (TensorProto proto : graph.getInitializerList()) {
      int slot = slot(proto.getName());
      long[] dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
      if (names.contains(proto.getName())) {
        float[] values = OnnxTensors.floats(proto);
        Tensor weight =
            Arrays.stream(dims).filter(d -> d > 1).count() > 1
                ? weights.matrix(values, dims)
                : weights.vector(values, dims);
        trained.add(slot);
        dense.put(proto.getName(), weight);
        fixed.put(slot, weight);
      } else if (OnnxTensors.isFloatingPoint(proto)) {
        fixed.put(slot, weights.constant(OnnxTensors.floats(proto), dims));
      } else {
        fixed.put(slot, weights.keep(Constants.of(proto)));
      }
    }
    return trained;
  }

  /** Position of the last node that reads each slot; those to be kept outlast every node. */
  private Map<Integer, Integer> lastUses(GraphProto graph, Set<String> kept) {
    Map<Integer, Integer> lastUse = new HashMap<>();
    for (int position = 0; position < graph.getNodeCount(); position++) {
      for (String input : graph.getNode(position).getInputList()) {
        if (!input.isEmpty()) {
          lastUse.put(slot(input), position);
        }
      }
    }
    outputs.forEach(name -> lastUse.put(slot(name), Integer.MAX_VALUE));
    kept.forEach(name -> lastUse.put(slot(name), Integer.MAX_VALUE));
    return lastUse;
  }

  private static int[] concat(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static Operator operator(NodeProto node, Map<String, FactorLayer> layers)
      throws TrainingException {
    if (Operators.isFactorPair(node)) {
      String name = Attributes.s(node, "layer", "");
      FactorLayer layer = layers.get(name);
      if (layer == null) {
        throw new TrainingException("factored layer " + name + ": no factors are given");
      }
      return Operator.one(layer::apply);
    }
    return Operators.of(node)
        .orElseThrow(
            () -> new TrainingException("operator " + Operators.name(node) + " is unknown"));
  }

  private boolean isConstant(Step step, Set<Integer> trained) {
    return !Operators.isFactorPair(step.node())
        && Arrays.stream(step.inputs())
            .allMatch(s -> s < 0 || (fixed.containsKey(s) && !trained.contains(s)));
  }

  private void fix(Step step, Weights weights) throws TrainingException {
    Map<Integer, Tensor> none = new HashMap<>();
    Tensor[] results = evaluate(step, none, Pass.training(0, Precision.FLOAT32, false));
    for (int i = 0; i < results.length; i++) {
      fixed.put(step.outputs()[i], weights.keep(results[i]));
    }
  }

  /** Names of the graph's outputs. */
  List<String> outputs() {
    return outputs;
  }

  /** Dense weights that are trained, by initializer name. */
  Map<String, Tensor> dense() {
    return dense;
  }

  /** Makes measured statistics those that the graph's batch normalisations store. */
  void setStatistics(Moments moments) {
    GradMode.set_enabled(false);
    try (PointerScope scope = new PointerScope()) {
      for (Step step : steps) {
        if (step.node().getOpType().equals("BatchNormalization")) {
          Statistics statistics = moments.of(step.node().getOutput(0));
          store(step.node().getInput(3), statistics.mean());
          store(step.node().getInput(4), statistics.variance());
        }
      }
    } finally {
      GradMode.set_enabled(true);
    }
  }

  private void store(String name, double[] values) {
    Tensor tensor = fixed.get(slot(name));
    if (tensor != null) {
      float[] narrow = new float[values.length];
      for (int i = 0; i < narrow.length; i++) {
        narrow[i] = (float) values[i];
      }
      tensor.copy_(Tensors.floats(narrow, narrow.length));
      dense.put(name, tensor);
    }
  }

  /**
   * Runs the graph; the results belong to the caller's {@link PointerScope}, which must be open.
   *
   * @param inputs by name, on the network's device
   * @param wanted graph outputs, or values that were named to be kept
   */
  Map<String, Tensor> run(Map<String, Tensor> inputs, List<String> wanted, Pass pass)
      throws TrainingException {
    Map<Integer, Tensor> values = new HashMap<>();
    try {
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        values.put(slot(input.getKey()), input.getValue().retainReference());
      }
      for (Step step : steps) {
        try (PointerScope temporaries = new PointerScope()) {
          Tensor[] results = evaluate(step, values, pass);
          for (int i = 0; i < Math.min(results.length, step.outputs().length); i++) {
            values.put(step.outputs()[i], results[i].retainReference());
          }
        }
        for (int slot : step.dying()) {
          release(values.remove(slot));
        }
      }
      return results(values, wanted);
    } finally {
      values.values().forEach(Network::release);
    }
  }

  private static void release(@Nullable Tensor tensor) {
    if (tensor != null) {
      tensor.releaseReference();
    }
  }

  private Map<String, Tensor> results(Map<Integer, Tensor> values, List<String> wanted)
      throws TrainingException {
    PointerScope scope = PointerScope.getInnerScope();
    Map<String, Tensor> results = new LinkedHashMap<>();
    for (String name : wanted) {
      Tensor value = values.getOrDefault(slot(name), fixed.get(slot(name)));
      if (value == null) {
        throw new TrainingException("output " + name + " was not computed");
      }
      scope.attach(value);
      results.put(name, value);
    }
    return results;
  }

  private Tensor[] evaluate(Step step, Map<Integer, Tensor> values, Pass pass)
      throws TrainingException {
    NodeProto node = step.node();
    Tensor[] inputs = new Tensor[step.inputs().length];
    for (int i = 0; i < inputs.length; i++) {
      int slot = step.inputs()[i];
      if (slot >= 0) {
        Tensor constant = fixed.get(slot);
        inputs[i] = constant != null ? constant : values.get(slot);
        if (inputs[i] == null) {
          throw new TrainingException("input " + node.getInput(i) + " is missing");
        }
      }
    }
    try {
      return step.operator().apply(new Call(node, opset, inputs, step.trained(), pass));
    } catch (RuntimeException e) {
      throw TrainingException.at("node " + node.getOutput(0) + " (" + node.getOpType() + ")", e);
    }
  }
}
