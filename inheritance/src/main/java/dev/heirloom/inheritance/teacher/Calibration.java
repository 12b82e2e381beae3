package dev.heirloom.inheritance.teacher;

import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionException;
import dev.heirloom.runtime.session.SessionSettings;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What flows through a teacher's layers on calibration samples, and the shapes of one sample.
 *
 * @param layers in the order of {@link Teacher#layers()}
 * @param shapes of tensors for a batch of one, by name, model inputs included
 */
public record Calibration(List<LayerStatistics> layers, Map<String, List<Long>> shapes) {

  private static final int BATCH = 32;

  public Calibration {
    layers = List.copyOf(layers);
    shapes = Map.copyOf(shapes);
  }

  /**
   * Runs the teacher over samples.
   *
   * @param samples what to calibrate on; a few hundred are enough
   * @param goOn hears after each batch how many samples are done; false ends the run early
   */
  public static Calibration run(
      Teacher teacher,
      SampleSet samples,
      Preprocessor preprocessor,
      SessionSettings settings,
      LongPredicate goOn)
      throws MalformedException, SessionException {
    Map<String, List<Long>> shapes = shapes(teacher, samples, preprocessor, settings);
    List<LayerStatistics> statistics =
        teacher.layers().stream().map(layer -> new LayerStatistics(layer, samples.size())).toList();
    Set<String> wanted = new LinkedHashSet<>();
    for (DenseLayer layer : teacher.layers()) {
      wanted.add(layer.inputTensor());
      wanted.add(layer.outputTensor());
    }
    Set<String> outputs = outputsOf(teacher.folded(), wanted);
    try (OnnxSession session =
        OnnxSession.open(teacher.folded().withExtraOutputs(outputs).bytes(), settings)) {
      for (int start = 0; start < samples.size(); start += BATCH) {
        int end = Math.min(samples.size(), start + BATCH);
        Map<String, TensorValue> values =
            new HashMap<>(preprocessor.batch(samples, IntStream.range(start, end).toArray()));
        values.putAll(session.run(Map.copyOf(values), outputs));
        for (int i = 0; i < statistics.size(); i++) {
          DenseLayer layer = teacher.layers().get(i);
          TensorValue input = Objects.requireNonNull(values.get(layer.inputTensor()));
          TensorValue output = Objects.requireNonNull(values.get(layer.outputTensor()));
          statistics.get(i).addInputs(input.toFloats(), input.dims());
          statistics.get(i).addOutputs(output.toFloats(), output.dims());
        }
        if (!goOn.test(end)) {
          break;
        }
      }
    }
    for (int i = 0; i < statistics.size(); i++) {
      statistics.get(i).finish();
      if (!statistics.get(i).isFinite()) {
        throw new MalformedException(
            "%s: on the calibration samples layer %s takes or gives numbers that are not finite, or"
                    .formatted(teacher.original().origin(), teacher.layers().get(i).name())
                + " larger than 1e18 (check the teacher, and --normalize)");
      }
    }
    return new Calibration(statistics, shapes);
  }

  private static Map<String, List<Long>> shapes(
      Teacher teacher, SampleSet samples, Preprocessor preprocessor, SessionSettings settings)
      throws SessionException {
    Map<String, List<Long>> shapes = new HashMap<>();
    Macs.shapes(teacher.folded(), preprocessor.batch(samples, new int[] {0}), settings)
        .forEach((name, dims) -> shapes.put(name, Arrays.stream(dims).boxed().toList()));
    return shapes;
  }

  private static Set<String> outputsOf(OnnxModel model, Set<String> tensors) {
    Set<String> inputs = model.inputs().stream().map(TensorSpec::name).collect(Collectors.toSet());
    Set<String> outputs = new LinkedHashSet<>(tensors);
    outputs.removeAll(inputs);
    return outputs;
  }

  /** Shape of a tensor for one sample, batch axis included. */
  public long[] shape(String tensor) {
    List<Long> dims = shapes.get(tensor);
    if (dims == null) {
      throw new IllegalArgumentException("no shape is known for tensor " + tensor);
    }
    return dims.stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Sizes of the spatial axes of convolutions' outputs, by tensor, as {@link Skeleton#of} takes
   * them: none where an axis of the teacher's inputs other than the batch is free.
   */
  public Map<String, List<Long>> spatial(Teacher teacher) {
    boolean fixed =
        teacher.inputs().stream().allMatch(i -> i.sampleDims().stream().allMatch(d -> d > 0));
    Map<String, List<Long>> sizes = new HashMap<>();
    for (DenseLayer layer : teacher.layers()) {
      List<Long> dims = shapes.get(layer.outputTensor());
      if (fixed && layer.isConvolution() && dims != null) {
        sizes.put(layer.outputTensor(), dims.subList(2, dims.size()));
      }
    }
    return sizes;
  }
}
