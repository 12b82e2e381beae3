package dev.heirloom.inheritance.student;

import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a network narrower: every width by the same share, as far as the graph allows it, until it
 * has a number of parameters. Inputs and outputs stay as they are.
 */
final class Slimming {
  /** Widths in whole blocks of the runtime's channels are faster; smaller ones come closer. */
  private static final long[] BLOCKS = {16, 8, 4, 2, 1};

  private static final double CLOSE = 0.03;
  private static final double CLOSE_ENOUGH = 0.1;
  private static final int BISECTIONS = 40;
  private static final String HINT = "Give a smaller network with --student FILE.onnx.";

  private final OnnxModel model;
  private final Map<String, TensorValue> sample;
  private final WidthRules rules;
  private final Map<String, long[]> outputs = new HashMap<>();

  /**
   * Finds the widths of a network.
   *
   * @param sample one sample, as the model takes it
   * @throws RefusedException where the graph has no width that may change
   */
  Slimming(OnnxModel model, Map<String, TensorValue> sample)
      throws SessionException, RefusedException {
    this.model = model;
    this.sample = sample;
    Map<String, long[]> shapes = shapes();
    model.outputs().forEach(output -> outputs.put(output.name(), shapes.get(output.name())));
    try {
      this.rules = new WidthRules(model, shapes);
    } catch (IllegalStateException | IndexOutOfBoundsException e) {
      throw new RefusedException(
          "no student of the teacher's kind can be made: " + e.getMessage(), List.of(HINT));
    }
    if (rules.widths().isEmpty()) {
      throw new RefusedException(
          "no student of the teacher's kind can be made: no layer's width may change",
          List.of(HINT));
    }
  }

  private Map<String, long[]> shapes() throws SessionException {
    Set<String> names = new LinkedHashSet<>();
    for (NodeProto node : model.nodes()) {
      names.addAll(node.getOutputList());
    }
    names.remove("");
    Map<String, long[]> shapes = new HashMap<>();
    sample.forEach((name, value) -> shapes.put(name, value.dims()));
    try (OnnxSession session =
        OnnxSession.open(model.withExtraOutputs(names).bytes(), SessionSettings.cpu(1))) {
      session.run(sample, names).forEach((name, value) -> shapes.put(name, value.dims()));
    }
    return shapes;
  }

  /**
   * A narrower network; its weights are leading parts of the model's.
   *
   * @param parameters elements of all its weights, met within 10 %
   * @throws RefusedException where no choice of widths comes that close, or the graph does not work
   *     with them
   */
  OnnxModel to(long parameters) throws MalformedException, RefusedException {
    double bestShare = 1;
    long bestBlock = 1;
    double bestMiss = Double.MAX_VALUE;
    for (long block : BLOCKS) {
      double share = share(parameters, block);
      double miss = Math.abs(count(share, block) - parameters) / (double) parameters;
      if (miss < bestMiss) {
        bestShare = share;
        bestBlock = block;
        bestMiss = miss;
      }
      if (bestMiss <= CLOSE) {
        break;
      }
    }
    long nearest = count(bestShare, bestBlock);
    if (bestMiss > CLOSE_ENOUGH) {
      throw new RefusedException(
          "no student of the teacher's kind has about %d parameters (the nearest has %d)"
              .formatted(parameters, nearest),
          List.of(HINT));
    }
    OnnxModel student = build();
    check(student);
    return student;
  }

  /** The share of each width that comes nearest to a number of parameters. */
  private double share(long parameters, long block) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (count(middle, block) < parameters) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return parameters - count(low, block) < count(high, block) - parameters ? low : high;
  }

  private long count(double share, long block) {
    rules.widths().forEach(width -> width.scale(share, block));
    long sum = 0;
    for (TensorProto tensor : model.initializers().values()) {
      if (OnnxTensors.isFloatingPoint(tensor)) {
        sum += elements(dims(tensor));
      }
    }
    return sum;
  }

  private long[] dims(TensorProto tensor) {
    return rules.of(tensor.getName()).stream().mapToLong(Extent::size).toArray();
  }

  private static long elements(long[] dims) {
    return Arrays.stream(dims).reduce(1, Math::multiplyExact);
  }

  private OnnxModel build() throws MalformedException {
    GraphProto.Builder graph =
        model.proto().getGraph().toBuilder().clearNode().clearInitializer().clearValueInfo();
    for (TensorProto tensor : model.initializers().values()) {
      graph.addInitializer(LeadingPart.of(tensor, dims(tensor)));
    }
    for (NodeProto node : model.nodes()) {
      graph.addNode(resized(node, graph));
    }
    return OnnxModel.of(model.proto().toBuilder().setGraph(graph).build(), "student");
  }

  private NodeProto resized(NodeProto node, GraphProto.Builder graph) {
    String output = node.getOutputCount() == 0 ? "" : node.getOutput(0);
    if (rules.groups(output).isPresent()) {
      NodeProto.Builder builder = node.toBuilder();
      long groups = rules.groups(output).get().size();
      for (int i = 0; i < builder.getAttributeCount(); i++) {
        AttributeProto attribute = builder.getAttribute(i);
        if (attribute.getName().equals("group")) {
          builder.setAttribute(i, Attributes.intAttribute("group", groups));
        }
      }
      return builder.build();
    }
    List<Extent> lengths = rules.reshaped(output).orElse(List.of());
    if (lengths.stream().allMatch(extent -> extent.size() == extent.original())) {
      return node;
    }
    long[] shape = OnnxTensors.longs(rules.constant(node.getInput(1)));
    for (int axis = 0; axis < shape.length; axis++) {
      shape[axis] = shape[axis] > 0 ? lengths.get(axis).size() : shape[axis];
    }
    String name = output + "/shape";
    graph.addInitializer(OnnxTensors.ofLongs(name, new long[] {shape.length}, shape));
    return node.toBuilder().setInput(1, name).build();
  }

  /** The narrower graph has to run, and to give what the model gives. */
  private void check(OnnxModel student) throws RefusedException {
    try (OnnxSession session = OnnxSession.open(student.bytes(), SessionSettings.cpu(1))) {
      Map<String, TensorValue> values = session.run(sample);
      for (Map.Entry<String, long[]> output : outputs.entrySet()) {
        TensorValue value = values.get(output.getKey());
        if (value == null || !Arrays.equals(value.dims(), output.getValue())) {
          throw new SessionException("output " + output.getKey() + " has another shape");
        }
      }
    } catch (SessionException e) {
      throw new RefusedException(
          "no student of the teacher's kind can be made: the graph does not work with other widths",
          List.of(String.valueOf(e.getMessage()), HINT));
    }
  }
}
