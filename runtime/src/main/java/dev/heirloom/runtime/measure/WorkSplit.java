package dev.heirloom.runtime.measure;

import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.ProbeTimes;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How a model's time splits over what the micro-probes stand for: the work of each operator, at the
 * speed that the same machine had at the probes whose operators are nearest in kind and size.
 */
public final class WorkSplit {

  private static final Set<String> COSTLY =
      Set.of(
          "LayerNormalization",
          "Softmax",
          "LogSoftmax",
          "Erf",
          "Exp",
          "Gelu",
          "Sigmoid",
          "Tanh",
          "Sqrt",
          "Pow",
          "Log",
          "InstanceNormalization",
          "Sin",
          "Cos",
          "Transpose",
          "ReduceMean");

  /** Operators that only say how a tensor is to be read, or that vanish when a model is loaded. */
  private static final Set<String> FREE =
      Set.of(
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Identity",
          "Constant",
          "Shape",
          "Dropout",
          "Cast",
          "ConstantOfShape",
          "Range");

  /** A product with at most so many rows is bound by reading its weight. */
  private static final int FEW_ROWS = 4;

  private static final List<MicroProbe> CONVOLUTIONS =
      List.of(
          MicroProbe.CONVOLUTION_SMALL, MicroProbe.CONVOLUTION_LARGE, MicroProbe.CONVOLUTION_DENSE);
  private static final List<MicroProbe> PRODUCTS =
      List.of(MicroProbe.PRODUCT_SMALL, MicroProbe.PRODUCT_DENSE);

  private final ProbeTimes probes;
  private final Map<MicroProbe, Double> ns = new EnumMap<>(MicroProbe.class);

  private WorkSplit(ProbeTimes probes) {
    this.probes = probes;
    for (MicroProbe probe : MicroProbe.values()) {
      ns.put(probe, 0.0);
    }
  }

  /** Runs the model on one sample and takes the shapes that {@link #of} needs. */
  public static Map<String, long[]> shapes(OnnxModel model, Map<String, TensorValue> oneSample)
      throws SessionException {
    List<String> names = new ArrayList<>();
    for (NodeProto node : model.nodes()) {
      if (!node.getOpType().equals("Constant") && !node.getOutput(0).isEmpty()) {
        names.add(node.getOutput(0));
      }
    }
    Map<String, long[]> shapes = new HashMap<>();
    oneSample.forEach((name, value) -> shapes.put(name, value.dims()));
    byte[] open = model.withExtraOutputs(names).bytes();
    try (OnnxSession session = OnnxSession.open(open, SessionSettings.cpu(1))) {
      session.run(oneSample, names).forEach((name, value) -> shapes.put(name, value.dims()));
    }
    return shapes;
  }

  /**
   * The shares of a model's time.
   *
   * @param shapesByTensor as {@link #shapes} gives them
   * @param probes what the machine took, for the set that is known here
   * @return one per probe, 0..1, in sum 1
   */
  public static List<Double> of(
      OnnxModel model, Map<String, long[]> shapesByTensor, ProbeTimes probes)
      throws MalformedException {
    if (probes.version() != MicroProbes.VERSION) {
      throw new IllegalArgumentException(
          "probes: set " + probes.version() + " (expected: " + MicroProbes.VERSION + ")");
    }
    Map<String, long[]> shapes = new HashMap<>(shapesByTensor);
    for (TensorProto tensor : model.initializers().values()) {
      shapes.put(
          tensor.getName(), tensor.getDimsList().stream().mapToLong(Long::longValue).toArray());
    }
    WorkSplit split = new WorkSplit(probes);
    split.add(MicroProbe.RUN, 1);
    for (NodeProto node : model.nodes()) {
      split.node(node, shapes);
    }
    return split.shares();
  }

  private void node(NodeProto node, Map<String, long[]> shapes) throws MalformedException {
    String operator = node.getOpType();
    if (FREE.contains(operator)) {
      return;
    }
    double elements = elements(shapes, node.getOutput(0));
    add(MicroProbe.NODES, 1);
    if (Macs.counts(node) && Attributes.i(node, "group", 1) == 1) {
      double macs = Macs.of(node, shapes);
      if (operator.equals("Conv")) {
        between(CONVOLUTIONS, macs);
      } else if (rows(node, shapes) <= FEW_ROWS) {
        add(MicroProbe.ROW, macs);
      } else {
        between(PRODUCTS, macs);
      }
    } else {
      add(COSTLY.contains(operator) ? MicroProbe.NORMALIZATION : MicroProbe.ELEMENTS, elements);
    }
  }

  /** Adds an operator whose work lies between that of two probes, in logarithms. */
  private void between(List<MicroProbe> bySize, double work) {
    int above = 0;
    while (above < bySize.size() && bySize.get(above).workPerOperator() < work) {
      above++;
    }
    if (above == 0 || above == bySize.size()) {
      add(bySize.get(Math.min(above, bySize.size() - 1)), work);
      return;
    }
    MicroProbe small = bySize.get(above - 1);
    MicroProbe large = bySize.get(above);
    double share =
        Math.log(work / small.workPerOperator())
            / Math.log(large.workPerOperator() / small.workPerOperator());
    add(small, (1 - share) * work);
    add(large, share * work);
  }

  private void add(MicroProbe probe, double work) {
    double speed = time(probe) / (probe.operators() * probe.workPerOperator());
    ns.merge(probe, work * speed, Double::sum);
  }

  private double time(MicroProbe probe) {
    return probes.ns().get(probe.ordinal());
  }

  private List<Double> shares() {
    double total = ns.values().stream().mapToDouble(Double::doubleValue).sum();
    return ns.values().stream().map(time -> time / total).toList();
  }

  private static double rows(NodeProto node, Map<String, long[]> shapes) throws MalformedException {
    long[] dims = shape(shapes, node.getOutput(0));
    return dims.length == 0 ? 1 : elements(shapes, node.getOutput(0)) / dims[dims.length - 1];
  }

  private static double elements(Map<String, long[]> shapes, String tensor)
      throws MalformedException {
    double product = 1;
    for (long dim : shape(shapes, tensor)) {
      product *= dim;
    }
    return product;
  }

  private static long[] shape(Map<String, long[]> shapes, String tensor) throws MalformedException {
    long[] shape = shapes.get(tensor);
    if (shape == null) {
      throw new MalformedException("tensor " + tensor + ": its shape is not known");
    }
    return shape;
  }
}
