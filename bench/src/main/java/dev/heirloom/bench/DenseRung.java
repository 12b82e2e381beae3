package dev.heirloom.bench;

import dev.heirloom.inheritance.draft.DraftLayer;
import dev.heirloom.proto.onnx.AttributeProto;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.Attributes;
import dev.heirloom.runtime.graph.OnnxTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A rung as the teacher's own graph: each factored weight replaced by the product of its factors,
 * computed in double, and followed by the patch as a multiplication and an addition. Shares no code
 * with the assembly of heirs.
 */
final class DenseRung {
  private DenseRung() {}

  /** The graph of one rung, from 1. */
  static byte[] of(RungSketch sketch, int rung) {
    ModelProto model = sketch.teacher().folded().proto();
    Map<NodeProto, Integer> factored = new HashMap<>();
    for (int i = 0; i < sketch.layers().size(); i++) {
      factored.put(sketch.layers().get(i).dense().node(), i);
    }
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
    for (NodeProto node : model.getGraph().getNodeList()) {
      Integer layer = factored.get(node);
      if (layer == null) {
        graph.addNode(node);
      } else {
        add(
            graph,
            node,
            sketch.layers().get(layer),
            sketch.ranks().get(rung - 1).get(layer),
            sketch.patches().get(rung - 1).get(layer));
      }
    }
    return model.toBuilder().setGraph(graph).build().toByteArray();
  }

  private static void add(
      GraphProto.Builder graph, NodeProto node, DraftLayer layer, int rank, PatchLayer patch) {
    FactorPair pair = layer.pair();
    String base = "dense/" + node.getOutput(0);
    float[] weight = product(pair, rank, patch.gateBias());
    boolean convolution = layer.dense().isConvolution();
    List<Long> dims = new ArrayList<>(List.of((long) pair.outputs()));
    if (convolution) {
      dims.add((long) layer.dense().channels());
      pair.kernel().forEach(size -> dims.add((long) size));
    } else {
      dims.add(0, (long) pair.inputs());
      weight = transposed(weight, pair.outputs(), pair.inputs());
    }
    graph.addInitializer(OnnxTensors.ofFloats(base + "/w", longs(dims), weight));
    NodeProto.Builder product =
        NodeProto.newBuilder()
            .setOpType(convolution ? "Conv" : "MatMul")
            .addInput(node.getInput(0))
            .addInput(base + "/w")
            .addOutput(base + "/raw");
    if (convolution) {
      product
          .addAttribute(ints("strides", layer.dense().window().strides()))
          .addAttribute(ints("pads", layer.dense().window().pads()))
          .addAttribute(ints("dilations", layer.dense().window().dilations()));
    }
    long[] along = new long[convolution ? 1 + pair.kernel().size() : 1];
    Arrays.fill(along, 1);
    along[0] = pair.outputs();
    graph
        .addNode(product)
        .addInitializer(OnnxTensors.ofFloats(base + "/scale", along, patch.scale()))
        .addInitializer(OnnxTensors.ofFloats(base + "/shift", along, patch.bias()))
        .addNode(node("Mul", base + "/raw", base + "/scale", base + "/scaled"))
        .addNode(node("Add", base + "/scaled", base + "/shift", node.getOutput(0)));
  }

  /** {@code Σ_h softmax(b)_h U_h V} at a rank: row-major, outputs × inputs. */
  private static float[] product(FactorPair pair, int rank, float[] gateBias) {
    double[] shares = shares(gateBias);
    double[] sum = new double[pair.outputs() * pair.inputs()];
    float[] down = pair.down();
    for (int o = 0; o < pair.outputs(); o++) {
      for (int k = 0; k < rank; k++) {
        double up = 0;
        for (int head = 0; head < shares.length; head++) {
          up += shares[head] * pair.up(head)[o * pair.rank() + k];
        }
        for (int i = 0; i < pair.inputs(); i++) {
          sum[o * pair.inputs() + i] += up * down[k * pair.inputs() + i];
        }
      }
    }
    float[] result = new float[sum.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) sum[i];
    }
    return result;
  }

  private static double[] shares(float[] logits) {
    if (logits.length == 0) {
      return new double[] {1};
    }
    double[] shares = new double[logits.length];
    double total = 0;
    for (int h = 0; h < shares.length; h++) {
      shares[h] = Math.exp(logits[h]);
      total += shares[h];
    }
    for (int h = 0; h < shares.length; h++) {
      shares[h] /= total;
    }
    return shares;
  }

  private static float[] transposed(float[] matrix, int rows, int columns) {
    float[] result = new float[matrix.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        result[column * rows + row] = matrix[row * columns + column];
      }
    }
    return result;
  }

  private static NodeProto node(String operator, String left, String right, String output) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addInput(left)
        .addInput(right)
        .addOutput(output)
        .build();
  }

  private static AttributeProto ints(String name, List<Integer> values) {
    return Attributes.intsAttribute(name, values.stream().mapToLong(Integer::longValue).toArray());
  }

  private static long[] longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
