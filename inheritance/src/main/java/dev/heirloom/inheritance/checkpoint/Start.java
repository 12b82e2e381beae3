package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.proto.v1.LayerKind;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.FactorPair;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the fine-tune starts from: what calibration learnt, the ladder and the factors.
 *
 * @param calibration of every layer of the teacher, without the metrics
 * @param pairs the factored layers, at their largest ranks
 * @param positions how often each layer's weight is applied per sample
 * @param ranksByRung per rung, smallest first, per layer
 * @param leftDense why each other layer stays as it is, by name, in the teacher's order
 */
public record Start(
    Calibration calibration,
    List<FactorPair> pairs,
    List<Long> positions,
    List<List<Integer>> ranksByRung,
    Map<String, String> leftDense) {
  private static final int MOST = 1 << 20;

  public Start {
    pairs = List.copyOf(pairs);
    positions = List.copyOf(positions);
    ranksByRung = ranksByRung.stream().map(List::copyOf).toList();
    leftDense = new LinkedHashMap<>(leftDense);
    if (positions.size() != pairs.size()) {
      throw new IllegalArgumentException(
          "positions: " + positions.size() + " (expected: " + pairs.size() + ")");
    }
  }

  void write(DataOutputStream out) throws IOException {
    KeptCalibration.write(out, calibration);
    out.writeInt(pairs.size());
    for (int i = 0; i < pairs.size(); i++) {
      write(out, pairs.get(i));
      out.writeLong(positions.get(i));
    }
    out.writeInt(ranksByRung.size());
    for (List<Integer> ranks : ranksByRung) {
      for (int rank : ranks) {
        out.writeInt(rank);
      }
    }
    out.writeInt(leftDense.size());
    for (Map.Entry<String, String> entry : leftDense.entrySet()) {
      ContentWriter.text(out, entry.getKey());
      ContentWriter.text(out, entry.getValue());
    }
  }

  private static void write(DataOutputStream out, FactorPair pair) throws IOException {
    ContentWriter.text(out, pair.name());
    out.writeInt(pair.kind().getNumber());
    out.writeInt(pair.outputs());
    out.writeInt(pair.inputs());
    out.writeInt(pair.kernel().size());
    for (int extent : pair.kernel()) {
      out.writeInt(extent);
    }
    out.writeInt(pair.rank());
    out.writeInt(pair.heads());
    ContentWriter.floats(out, pair.down());
    for (int head = 0; head < pair.heads(); head++) {
      ContentWriter.floats(out, pair.up(head));
    }
    ContentWriter.floats(out, pair.gate());
  }

  static Start read(ContentReader in) throws IOException, MalformedException {
    Calibration calibration = KeptCalibration.read(in);
    List<FactorPair> pairs = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    int layers = in.integer("layers", 1, MOST);
    for (int i = 0; i < layers; i++) {
      pairs.add(pair(in));
      positions.add(in.number("positions", 0));
    }
    List<List<Integer>> ranksByRung = new ArrayList<>();
    int rungs = in.integer("rungs", 1, MOST);
    for (int rung = 0; rung < rungs; rung++) {
      List<Integer> ranks = new ArrayList<>();
      for (FactorPair pair : pairs) {
        ranks.add(in.integer("rank of " + pair.name(), 1, pair.rank()));
      }
      ranksByRung.add(ranks);
    }
    Map<String, String> leftDense = new LinkedHashMap<>();
    int dense = in.integer("dense layers", 0, MOST);
    for (int i = 0; i < dense; i++) {
      leftDense.put(in.text("layer"), in.text("reason"));
    }
    return new Start(calibration, pairs, positions, ranksByRung, leftDense);
  }

  private static FactorPair pair(ContentReader in) throws IOException, MalformedException {
    String name = in.text("layer");
    int number = in.integer("kind of " + name, 0, MOST);
    LayerKind kind = LayerKind.forNumber(number);
    if (kind == null) {
      throw new MalformedException("kind of " + name + ": " + number);
    }
    int outputs = in.integer("outputs of " + name, 1, Integer.MAX_VALUE);
    int inputs = in.integer("inputs of " + name, 1, Integer.MAX_VALUE);
    List<Integer> kernel = new ArrayList<>();
    int axes = in.integer("kernel of " + name, 0, 8);
    for (int axis = 0; axis < axes; axis++) {
      kernel.add(in.integer("kernel of " + name, 1, MOST));
    }
    int rank = in.integer("rank of " + name, 1, Integer.MAX_VALUE);
    int heads = in.integer("heads of " + name, 1, 64);
    float[] down = in.floats("down of " + name, (long) rank * inputs);
    List<float[]> up = new ArrayList<>();
    for (int head = 0; head < heads; head++) {
      up.add(in.floats("up of " + name, (long) outputs * rank));
    }
    float[] gate = in.floats("gate of " + name, heads == 1 ? 0 : (long) heads * rank);
    return new FactorPair(name, kind, outputs, inputs, kernel, rank, down, up, gate);
  }
}
