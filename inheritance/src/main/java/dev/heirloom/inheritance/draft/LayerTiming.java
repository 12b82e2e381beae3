package dev.heirloom.inheritance.draft;

import dev.heirloom.inheritance.teacher.DenseLayer;
import dev.heirloom.inheritance.teacher.Skeleton;
import dev.heirloom.inheritance.teacher.Teacher;
import dev.heirloom.proto.onnx.GraphProto;
import dev.heirloom.proto.onnx.ModelProto;
import dev.heirloom.proto.onnx.NodeProto;
import dev.heirloom.proto.onnx.OperatorSetIdProto;
import dev.heirloom.proto.onnx.TensorProto;
import dev.heirloom.proto.onnx.TensorShapeProto;
import dev.heirloom.proto.onnx.TypeProto;
import dev.heirloom.proto.onnx.ValueInfoProto;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.OnnxTensors;
import dev.heirloom.runtime.measure.Latency;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Measures one layer by itself in the runtime, dense and factored at several ranks, interleaved, on
 * inputs of the size that it has in its network. Layers of one shape are measured once.
 */
public final class LayerTiming {

  private static final int WARM_UP = 8;
  private static final int MOST_ROUNDS = 40;
  private static final int FEWEST_ROUNDS = 15;

  /** Time that the rounds of one layer may take, about, where there are more than the fewest. */
  private static final long PATIENCE_NS = 500_000_000;

  private final SessionSettings settings;
  private final Map<List<Object>, Times> known = new HashMap<>();

  public LayerTiming(SessionSettings settings) {
    this.settings = settings;
  }

  /**
   * Medians of one layer.
   *
   * @param denseNs as it was
   * @param factoredNs by rank, ascending
   */
  public record Times(long denseNs, Map<Integer, Long> factoredNs) {
    public Times {
      factoredNs = new LinkedHashMap<>(factoredNs);
    }

    /** Median at one of the ranks that were measured. */
    public long factoredNs(int rank) {
      Long time = factoredNs.get(rank);
      if (time == null) {
        throw new IllegalArgumentException("rank: " + rank + " was not measured");
      }
      return time;
    }
  }

  /**
   * Measures a layer.
   *
   * @param pair factors of at least the largest rank
   * @param inputShape of one sample, batch axis included
   * @param ranks ascending
   */
  public Times measure(DenseLayer layer, FactorPair pair, long[] inputShape, List<Integer> ranks)
      throws IOException, MalformedException, SessionException {
    List<Object> key =
        List.of(
            layer.kind(),
            layer.outputs(),
            layer.inputs(),
            layer.kernel(),
            layer.window(),
            pair.heads(),
            Arrays.toString(inputShape),
            ranks);
    Times times = known.get(key);
    if (times == null) {
      times = measured(layer, pair, inputShape, ranks);
      known.put(key, times);
    }
    return times;
  }

  private Times measured(DenseLayer layer, FactorPair pair, long[] inputShape, List<Integer> ranks)
      throws IOException, MalformedException, SessionException {
    Teacher alone =
        Teacher.of(OnnxModel.parse(alone(layer, inputShape).toByteArray(), layer.name()));
    DenseLayer dense = alone.layers().get(0);
    FactorPair renamed =
        new FactorPair(
            dense.name(),
            pair.kind(),
            pair.outputs(),
            pair.inputs(),
            pair.kernel(),
            pair.rank(),
            pair.down(),
            IntStream.range(0, pair.heads()).mapToObj(pair::up).toList(),
            pair.gate());
    PatchLayer patch =
        new PatchLayer(new float[0], dense.bias(), new float[pair.heads() == 1 ? 0 : pair.heads()]);
    DraftFamily draft =
        new DraftFamily(
            Skeleton.of(alone, List.of(dense)),
            List.of(new DraftLayer(dense, renamed, 1)),
            ranks.stream().map(List::of).toList(),
            ranks.stream().map(rank -> List.of(patch)).toList());
    List<OnnxSession> sessions = new ArrayList<>();
    try {
      sessions.add(OnnxSession.open(alone.folded().bytes(), settings));
      for (int rung = 1; rung <= ranks.size(); rung++) {
        sessions.add(OnnxSession.open(draft.heir(rung), settings));
      }
      int elements = Math.toIntExact(Arrays.stream(inputShape).reduce(1, Math::multiplyExact));
      float[] values = new float[elements];
      for (int i = 0; i < elements; i++) {
        values[i] = (i % 17) / 16f;
      }
      List<Latency.Summary> summaries =
          timed(sessions, Map.of("x", TensorValue.floats(values, inputShape)));
      Map<Integer, Long> factored = new LinkedHashMap<>();
      for (int i = 0; i < ranks.size(); i++) {
        factored.put(ranks.get(i), summaries.get(i + 1).p50Ns());
      }
      return new Times(summaries.get(0).p50Ns(), factored);
    } finally {
      sessions.forEach(OnnxSession::close);
    }
  }

  private static List<Latency.Summary> timed(
      List<OnnxSession> sessions, Map<String, TensorValue> inputs) throws SessionException {
    long beganNs = System.nanoTime();
    Latency.interleaved(sessions, inputs, 0, WARM_UP);
    long roundNs = (System.nanoTime() - beganNs) / WARM_UP;
    int rounds = Latency.rounds(roundNs, FEWEST_ROUNDS, MOST_ROUNDS, PATIENCE_NS);
    return Latency.interleaved(sessions, inputs, 0, rounds);
  }

  /** A model of the layer and a Relu, so that the runtime may fuse what it fuses in a network. */
  private static ModelProto alone(DenseLayer layer, long[] inputShape) {
    TensorProto weight;
    NodeProto.Builder node = layer.node().toBuilder().clearInput().clearOutput().setName("layer");
    node.addInput("x").addInput("w");
    GraphProto.Builder graph = GraphProto.newBuilder().setName("layer");
    if (layer.isConvolution()) {
      List<Long> dims = new ArrayList<>(List.of((long) layer.outputs(), (long) layer.channels()));
      layer.kernel().forEach(size -> dims.add((long) size));
      long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
      weight = OnnxTensors.ofFloats("w", shape, layer.weight());
      node.addInput("b");
      graph.addInitializer(OnnxTensors.ofFloats("b", new long[] {layer.outputs()}, layer.bias()));
    } else {
      node.clearAttribute().setOpType("MatMul");
      long[] shape = {layer.inputs(), layer.outputs()};
      weight =
          OnnxTensors.ofFloats(
              "w", shape, transposed(layer.weight(), layer.outputs(), layer.inputs()));
    }
    node.addOutput("y");
    graph
        .addInitializer(weight)
        .addNode(node)
        .addNode(
            NodeProto.newBuilder().setOpType("Relu").setName("relu").addInput("y").addOutput("z"))
        .addInput(value("x", inputShape))
        .addOutput(value("z", new long[0]));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(13))
        .setGraph(graph)
        .build();
  }

  private static float[] transposed(float[] weight, int rows, int columns) {
    float[] result = new float[weight.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result[j * rows + i] = weight[i * columns + j];
      }
    }
    return result;
  }

  private static ValueInfoProto value(String name, long[] dims) {
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE);
    if (dims.length > 0) {
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      for (long dim : dims) {
        shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
      }
      type.setShape(shape);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }
}
