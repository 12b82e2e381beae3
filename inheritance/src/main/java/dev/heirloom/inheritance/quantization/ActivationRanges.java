package dev.heirloom.inheritance.quantization;

import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/** Where the values of a model's activations lie, as seen on calibration samples. */
public final class ActivationRanges {
  private static final int BATCH = 32;

  private final Map<String, Histogram> histograms;

  private ActivationRanges(Map<String, Histogram> histograms) {
    this.histograms = histograms;
  }

  /**
   * Runs a model over samples, once for the ranges and once for what is in them.
   *
   * @param model normalisation folded, as {@code Teacher.folded} has it
   * @param samples a few hundred are enough
   * @param goOn asked before each batch; false ends the run early
   */
  public static ActivationRanges observe(
      OnnxModel model,
      SampleSet samples,
      Preprocessor preprocessor,
      SessionSettings settings,
      BooleanSupplier goOn)
      throws SessionException {
    Set<String> tensors = new LinkedHashSet<>(QuantizedTensors.in(model).ranges().values());
    Map<String, Histogram> histograms = new HashMap<>();
    tensors.forEach(tensor -> histograms.put(tensor, new Histogram()));
    Set<String> inner = new LinkedHashSet<>(tensors);
    model.inputs().forEach(input -> inner.remove(input.name()));
    byte[] bytes = model.withExtraOutputs(inner).bytes();
    try (OnnxSession session = OnnxSession.open(bytes, settings)) {
      for (BiConsumer<Histogram, float[]> pass : passes()) {
        for (int from = 0; from < samples.size() && goOn.getAsBoolean(); from += BATCH) {
          int to = Math.min(samples.size(), from + BATCH);
          Map<String, TensorValue> values =
              new HashMap<>(preprocessor.batch(samples, IntStream.range(from, to).toArray()));
          values.putAll(session.run(Map.copyOf(values), inner));
          histograms.forEach(
              (tensor, histogram) ->
                  pass.accept(histogram, Objects.requireNonNull(values.get(tensor)).toFloats()));
        }
      }
    }
    return new ActivationRanges(histograms);
  }

  private static Iterable<BiConsumer<Histogram, float[]>> passes() {
    return List.of(Histogram::widen, Histogram::count);
  }

  Scale scale(String tensor, double coverage) {
    Histogram histogram = histograms.get(tensor);
    if (histogram == null) {
      throw new IllegalArgumentException("tensor " + tensor + ": its range was not observed");
    }
    return histogram.scale(coverage);
  }
}
