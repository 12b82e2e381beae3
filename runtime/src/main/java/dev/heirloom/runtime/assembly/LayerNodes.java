package dev.heirloom.runtime.assembly;

import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Writes a factored layer as standard operators.
 *
 * <p>Convolution, one head: a convolution onto the rank's channels, then a 1×1 convolution. More
 * heads: the small up-projections are mixed per sample by the gate of the spatial mean, then
 * multiplied once, which is exact for any batch. Linear, one head: two products. More heads: each
 * position's z is scaled by its own gate, the heads stand side by side, and one constant product
 * adds them up.
 */
final class LayerNodes {

  /** From this operator set on, the axes of a reduction are an input. */
  private static final int AXES_ARE_AN_INPUT = 18;

  private final GraphProto.Builder graph;
  private final Set<String> taken;
  private final Padding padding;
  private final int opset;

  /**
   * @param graph takes the nodes and constants
   * @param taken names that are in use
   * @param opset version of the standard operator set
   */
  LayerNodes(GraphProto.Builder graph, Set<String> taken, Padding padding, int opset) {
    this.opset = opset;
    this.graph = graph;
    this.taken = taken;
    this.padding = padding;
  }

  /** Adds the nodes that stand for {@code node}. */
  void add(NodeProto node, RungLayer layer) throws MalformedException {
    FactorPair pair = layer.pair();
    int rank =
        padding == Padding.BLOCK
            ? HeirAssembler.paddedRank(pair.rank(), pair.outputs())
            : pair.rank();
    Weights weights = new Weights(pair, layer.patch(), rank);
    if (pair.kind() == LayerKind.LAYER_KIND_CONV) {
      new Convolution(node, weights).add();
    } else {
      new Linear(node, weights).add();
    }
  }

  private String fresh(String base) {
    String name = base;
    for (int i = 2; !taken.add(name); i++) {
      name = base + "." + i;
    }
    return name;
  }

  private String constant(String name, float[] values, long... dims) {
    String unique = fresh(name);
    graph.addInitializer(OnnxTensors.ofFloats(unique, dims, values));
    return unique;
  }

  private String constant(String name, long... values) {
    String unique = fresh(name);
    graph.addInitializer(OnnxTensors.ofLongs(unique, new long[] {values.length}, values));
    return unique;
  }

  private void node(
      String operator, List<String> inputs, String output, AttributeProto... attributes) {
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(output + "/" + operator)
            .addAllInput(inputs)
            .addOutput(output);
    for (AttributeProto attribute : attributes) {
      node.addAttribute(attribute);
    }
    graph.addNode(node);
  }

  /** What both kinds of layer share: names, and the gate. */
  private abstract class Layer {

    final String input;
    final String output;
    final Weights weights;
    final FactorPair pair;
    final PatchLayer patch;

    Layer(NodeProto node, Weights weights) {
      this.input = node.getInput(0);
      this.output = node.getOutput(0);
      this.weights = weights;
      this.pair = weights.pair;
      this.patch = weights.patch;
    }

    String named(String part) {
      return pair.name() + "." + part;
    }

    String value(String part) {
      return fresh(output + "." + part);
    }

    String gateWeight() {
      return constant(named("gate"), weights.gateTransposed(), weights.rank, pair.heads());
    }

    String gateBias() {
      return constant(named("gate_bias"), patch.gateBias(), pair.heads());
    }

    /** A weight per head from a score per head, along the last axis. */
    String mix(String logits, long axis) {
      String mix = value("mix");
      node("Softmax", List.of(logits), mix, Attributes.intAttribute("axis", axis));
      return mix;
    }
  }

  private final class Convolution extends Layer {

    private final List<AttributeProto> geometry = new ArrayList<>();
    private final long[] kernel;
    private final long[] spatial;

    Convolution(NodeProto node, Weights weights) throws MalformedException {
      super(node, weights);
      this.kernel = pair.kernel().stream().mapToLong(Integer::longValue).toArray();
      this.spatial = Attributes.ints(node, HeirAssembler.SPATIAL);
      for (String name : List.of("strides", "pads", "dilations")) {
        int expected = name.equals("pads") ? 2 * kernel.length : kernel.length;
        long[] values = Attributes.ints(node, name);
        if (values.length != 0 && values.length != expected) {
          throw new MalformedException(
              "skeleton: layer %s: %s has %d entries (expected: %d)"
                  .formatted(pair.name(), name, values.length, expected));
        }
        if (values.length != 0) {
          geometry.add(Attributes.intsAttribute(name, values));
        }
      }
      geometry.add(Attributes.intsAttribute("kernel_shape", kernel));
    }

    void add() {
      String down = constant(named("down"), weights.down(), downDims());
      String z = value("z");
      node("Conv", List.of(input, down), z, geometry.toArray(AttributeProto[]::new));
      if (pair.heads() == 1) {
        single(z);
      } else {
        mixed(z);
      }
    }

    private void single(String z) {
      long[] dims = new long[2 + kernel.length];
      Arrays.fill(dims, 1);
      dims[0] = pair.outputs();
      dims[1] = weights.rank;
      List<String> inputs = new ArrayList<>();
      inputs.add(z);
      inputs.add(constant(named("up"), weights.up(0), dims));
      if (patch.bias().length > 0) {
        inputs.add(constant(named("bias"), patch.bias(), pair.outputs()));
      }
      long[] ones = new long[kernel.length];
      Arrays.fill(ones, 1);
      node("Conv", inputs, output, Attributes.intsAttribute("kernel_shape", ones));
    }

    private void mixed(String z) {
      int heads = pair.heads();
      int outputs = pair.outputs();
      int rank = weights.rank;
      String logits = value("gate_logits");
      node("Gemm", List.of(spatialMean(z), gateWeight(), gateBias()), logits);
      String mix = mix(logits, 1);
      String heap = constant(named("up"), weights.upByHead(), heads, (long) outputs * rank);
      String flat = value("up_flat");
      node("MatMul", List.of(mix, heap), flat);
      String up = value("up");
      node("Reshape", List.of(flat, constant(named("up_shape"), -1, outputs, rank)), up);
      String pixels = value("pixels");
      node("Reshape", List.of(z, constant(named("pixel_shape"), 0, rank, -1)), pixels);
      String product = value("product");
      node("MatMul", List.of(up, pixels), product);
      String biased = product;
      if (patch.bias().length > 0) {
        biased = value("biased");
        String bias = constant(named("bias"), patch.bias(), outputs, 1);
        node("Add", List.of(product, bias), biased);
      }
      node("Reshape", List.of(biased, outputShape(z)), output);
    }

    /** The mean over the spatial axes: (batch, rank). */
    private String spatialMean(String z) {
      long[] axes = spatialAxes();
      String mean = value("mean");
      AttributeProto flat = Attributes.intAttribute("keepdims", 0);
      if (opset < AXES_ARE_AN_INPUT) {
        node("ReduceMean", List.of(z), mean, Attributes.intsAttribute("axes", axes), flat);
      } else {
        node("ReduceMean", List.of(z, constant(named("mean_axes"), axes)), mean, flat);
      }
      return mean;
    }

    private long[] spatialAxes() {
      long[] axes = new long[kernel.length];
      for (int axis = 0; axis < axes.length; axis++) {
        axes[axis] = 2L + axis;
      }
      return axes;
    }

    /**
     * The shape (batch, outputs, spatial axes of z), as a tensor: a constant where the skeleton
     * says how large the spatial axes are, which saves three nodes.
     */
    private String outputShape(String z) {
      if (spatial.length == kernel.length) {
        long[] dims = new long[2 + spatial.length];
        dims[1] = pair.outputs();
        System.arraycopy(spatial, 0, dims, 2, spatial.length);
        // A zero keeps the batch axis as it is.
        return constant(named("output_shape"), dims);
      }
      String shape = value("shape");
      node("Shape", List.of(z), shape);
      String extents = value("spatial");
      String indices = constant(named("spatial_axes"), spatialAxes());
      node("Gather", List.of(shape, indices), extents, Attributes.intAttribute("axis", 0));
      String full = value("output_shape");
      String leading = constant(named("leading_axes"), 0, pair.outputs());
      node("Concat", List.of(leading, extents), full, Attributes.intAttribute("axis", 0));
      return full;
    }

    private long[] downDims() {
      long positions = 1;
      for (long extent : kernel) {
        positions *= extent;
      }
      long[] dims = new long[2 + kernel.length];
      dims[0] = weights.rank;
      dims[1] = pair.inputs() / positions;
      System.arraycopy(kernel, 0, dims, 2, kernel.length);
      return dims;
    }
  }

  private final class Linear extends Layer {

    Linear(NodeProto node, Weights weights) {
      super(node, weights);
    }

    void add() {
      String down = constant(named("down"), weights.downTransposed(), pair.inputs(), weights.rank);
      String z = value("z");
      node("MatMul", List.of(input, down), z);
      boolean biased = patch.bias().length > 0;
      String product = biased ? value("product") : output;
      if (pair.heads() == 1) {
        String up = constant(named("up"), weights.upTransposed(), weights.rank, pair.outputs());
        node("MatMul", List.of(z, up), product);
      } else {
        gated(z, product);
      }
      if (biased) {
        String bias = constant(named("bias"), patch.bias(), pair.outputs());
        node("Add", List.of(product, bias), output);
      }
    }

    private void gated(String z, String output) {
      int heads = pair.heads();
      int wide = heads * weights.rank;
      String product = value("gate_product");
      node("MatMul", List.of(z, gateWeight()), product);
      String logits = value("gate_logits");
      node("Add", List.of(product, gateBias()), logits);
      String mix = mix(logits, -1);
      String spread = value("mix_spread");
      node(
          "MatMul", List.of(mix, constant(named("spread"), weights.spread(), heads, wide)), spread);
      List<String> copies = new ArrayList<>();
      for (int head = 0; head < heads; head++) {
        copies.add(z);
      }
      String beside = value("z_by_head");
      node("Concat", copies, beside, Attributes.intAttribute("axis", -1));
      String scaled = value("z_scaled");
      node("Mul", List.of(beside, spread), scaled);
      String up = constant(named("up"), weights.upTransposed(), wide, pair.outputs());
      node("MatMul", List.of(scaled, up), output);
    }
  }
}
