package dev.heirloom.inheritance.checkpoint;

import dev.heirloom.inheritance.factor.Factorization;
import dev.heirloom.inheritance.teacher.Calibration;
import dev.heirloom.runtime.MalformedException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the ladder is chosen from: what calibration learnt, and the factored weights.
 *
 * @param calibration of every layer of the teacher, without the metrics
 * @param factors by the layer's name, in the teacher's order
 */
public record Factored(Calibration calibration, Map<String, Factorization> factors) {
  private static final int MOST = 1 << 20;

  public Factored {
    factors = new LinkedHashMap<>(factors);
  }

  void write(DataOutputStream out) throws IOException {
    KeptCalibration.write(out, calibration);
    out.writeInt(factors.size());
    for (Map.Entry<String, Factorization> entry : factors.entrySet()) {
      Factorization factorization = entry.getValue();
      ContentWriter.text(out, entry.getKey());
      out.writeInt(factorization.outputs());
      out.writeInt(factorization.inputs());
      out.writeInt(factorization.largestRank());
      ContentWriter.doubles(out, factorization.singularValues());
      ContentWriter.floats(out, factorization.up(factorization.largestRank()));
      ContentWriter.floats(out, factorization.down(factorization.largestRank()));
    }
  }

  static Factored read(ContentReader in) throws IOException, MalformedException {
    Calibration calibration = KeptCalibration.read(in);
    Map<String, Factorization> factors = new LinkedHashMap<>();
    int layers = in.integer("layers", 1, MOST);
    for (int i = 0; i < layers; i++) {
      String name = in.text("layer");
      int outputs = in.integer("outputs of " + name, 1, Integer.MAX_VALUE);
      int inputs = in.integer("inputs of " + name, 1, Integer.MAX_VALUE);
      int full = Math.min(outputs, inputs);
      int rank = in.integer("rank of " + name, 1, full);
      factors.put(
          name,
          Factorization.kept(
              outputs,
              inputs,
              in.doubles("singular values of " + name, full),
              in.floats("up of " + name, (long) outputs * rank),
              in.floats("down of " + name, (long) rank * inputs)));
    }
    return new Factored(calibration, factors);
  }
}
