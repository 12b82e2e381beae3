package dev.heirloom.inheritance.training;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.TensorValue;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Some samples as the network takes them.
 *
 * @param indices into the sample set
 * @param values by input, as any runtime takes them
 * @param inputs the same on the network's device
 */
record Batch(List<Integer> indices, Map<String, TensorValue> values, Map<String, Tensor> inputs) {

  static Batch of(SampleSet samples, int[] indices, Preprocessor preprocessor, Device device) {
    Map<String, TensorValue> values = preprocessor.batch(samples, indices);
    return new Batch(Arrays.stream(indices).boxed().toList(), values, inputs(values, device));
  }

  static Map<String, Tensor> inputs(Map<String, TensorValue> values, Device device) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    values.forEach((name, value) -> inputs.put(name, Tensors.on(device, tensor(value))));
    return inputs;
  }

  private static Tensor tensor(TensorValue value) {
    if (value.type() == ElementType.ELEMENT_TYPE_FLOAT32) {
      return Tensors.floats(value.toFloats(), value.dims());
    }
    Tensor wide = Tensors.longs(value.toLongs(), value.dims());
    return switch (value.type()) {
      case ELEMENT_TYPE_INT32 -> wide.to(ScalarType.Int);
      case ELEMENT_TYPE_UINT8 -> wide.to(ScalarType.Byte);
      default -> wide;
    };
  }

  /** The samples' labels, [samples × labels per sample], int64. */
  Tensor labels(SampleSet samples, Device device) {
    int each = samples.labelsPerSample();
    long[] labels = new long[indices.size() * each];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = samples.label(indices.get(i / each), i % each);
    }
    return Tensors.on(device, Tensors.longs(labels, labels.length));
  }

  /** The samples' targets, [samples, targets per sample], float32; of labels, these as numbers. */
  Tensor targets(SampleSet samples, Device device) {
    int each = Math.max(samples.targetsPerSample(), samples.labelsPerSample());
    float[] targets = new float[indices.size() * each];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = samples.target(indices.get(i / each), i % each);
    }
    return Tensors.on(device, Tensors.floats(targets, indices.size(), each));
  }
}
