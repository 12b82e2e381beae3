package dev.heirloom.bench.network;

import dev.heirloom.bench.network.InvertedResidualNet.Stage;
import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.graph.TensorSpec;
import dev.heirloom.runtime.session.TensorValue;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Every architecture at a size that a test can afford, and inputs for them. */
final class SmallNetworks {
  static final int TOKENS = 20;

  private SmallNetworks() {}

  /** By a name that test reports show. */
  static Map<String, Architecture> all() {
    Map<String, Architecture> all = new LinkedHashMap<>();
    all.put("resnet, folded", new BasicResNet(List.of(3, 16, 16), 1, List.of(16, 32), 5, false));
    all.put("resnet, normalised", new BasicResNet(List.of(1, 16, 16), 1, List.of(16, 32), 5, true));
    all.put("bottleneck resnet", new BottleneckResNet(32, List.of(1, 1), 16, 5));
    all.put("vgg", new Vgg(16, List.of(List.of(16, 16), List.of(32)), 1, 5));
    all.put("wide resnet", new WideResNet(10, 1, 5));
    all.put(
        "mobilenet",
        new InvertedResidualNet(
            16, 1, List.of(new Stage(1, 8, 1, 1), new Stage(4, 16, 2, 2)), 64, 5));
    all.put("two towers, folded", new TwoTowers(List.of(8, 16, 24, 24), 32, false));
    all.put("two towers, normalised", new TwoTowers(List.of(8, 16, 24, 24), 32, true));
    all.put("vit, together", new VisionTransformer(16, 4, 48, 2, 3, 5, true));
    all.put("vit, apart", new VisionTransformer(16, 4, 48, 2, 3, 5, false));
    all.put("bert", new Bert(50, 12, 48, 2, 4, 96, 5));
    all.put("llama", new Llama(TOKENS, 12, 48, 2, 4, 2, 64));
    return all;
  }

  /** Random values for inputs of these kinds: standard normal, or tokens below {@link #TOKENS}. */
  static Map<String, TensorValue> inputs(List<TensorSpec> specs, int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, TensorValue> inputs = new HashMap<>();
    for (TensorSpec spec : specs) {
      long[] dims = spec.dims().stream().mapToLong(Long::longValue).toArray();
      dims[0] = batch;
      int elements = 1;
      for (long dim : dims) {
        elements = Math.multiplyExact(elements, (int) dim);
      }
      if (spec.type() == ElementType.ELEMENT_TYPE_INT64) {
        long[] tokens = random.longs(elements, 0, TOKENS).toArray();
        inputs.put(spec.name(), TensorValue.longs(tokens, dims));
      } else {
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
          values[i] = (float) random.nextGaussian();
        }
        inputs.put(spec.name(), TensorValue.floats(values, dims));
      }
    }
    return inputs;
  }
}
