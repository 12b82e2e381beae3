package dev.heirloom.inheritance.training;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.PatchLayer;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/** Statistics of what a network's layers and gates give, rung by rung, and the patches of these. */
final class Measurement {
  private final Network network;
  private final List<FactorLayer> layers;
  private final Device device;
  private final List<Moments> measured = new ArrayList<>();

  Measurement(Network network, List<FactorLayer> layers, Device device) {
    this.network = network;
    this.layers = layers;
    this.device = device;
  }

  /** As {@link NestedTrainer#recalibrate}: [rung][layer]. */
  List<List<PatchLayer>> patches(
      int rungs, SampleSet samples, int[] indices, Preprocessor preprocessor, int batch)
      throws MalformedException, TrainingException {
    List<List<PatchLayer>> patches = new ArrayList<>();
    measured.clear();
    for (int rung = 0; rung < rungs; rung++) {
      Moments moments = measure(rung, samples, indices, preprocessor, batch);
      measured.add(moments);
      int of = rung;
      patches.add(layers.stream().map(layer -> layer.patch(of, moments)).toList());
    }
    return patches;
  }

  /** As {@link NestedTrainer#constantShares}, on what was measured for the last patches. */
  Optional<float[]> constantShares(int layer) {
    float[] mean = new float[layers.get(layer).heads()];
    for (Moments rung : measured) {
      Optional<double[]> shares = layers.get(layer).constantShares(rung);
      Optional<double[]> first = layers.get(layer).constantShares(measured.get(0));
      if (shares.isEmpty() || first.isEmpty() || differ(shares.get(), first.get())) {
        return Optional.empty();
      }
      for (int head = 0; head < mean.length; head++) {
        mean[head] += (float) (shares.get()[head] / measured.size());
      }
    }
    return measured.isEmpty() ? Optional.empty() : Optional.of(mean);
  }

  private static boolean differ(double[] some, double[] others) {
    return IntStream.range(0, some.length)
        .anyMatch(i -> Math.abs(some[i] - others[i]) > FactorLayer.CONSTANT_DEVIATION);
  }

  /** Statistics of one rung; those of the graph's own batch normalisations become the graph's. */
  Moments measure(int rung, SampleSet samples, int[] indices, Preprocessor preprocessor, int batch)
      throws MalformedException, TrainingException {
    Moments moments = new Moments();
    boolean needed = layers.isEmpty() || layers.stream().anyMatch(FactorLayer::measures);
    for (int from = 0; needed && from < indices.length; from += batch) {
      int[] some = Arrays.copyOfRange(indices, from, Math.min(indices.length, from + batch));
      GradMode.set_enabled(false);
      try (NativeWork work = NativeWork.begin();
          PointerScope scope = new PointerScope()) {
        Pass pass = Pass.measuring(rung, layers.isEmpty(), moments);
        Map<String, Tensor> inputs = Batch.of(samples, some, preprocessor, device).inputs();
        network.run(inputs, List.of(), pass);
      } finally {
        GradMode.set_enabled(true);
      }
    }
    if (layers.isEmpty()) {
      network.setStatistics(moments);
    }
    return moments;
  }
}
