package dev.heirloom.runtime.graph;

import dev.heirloom.proto.v1.ElementType;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor that goes into a model or comes out of it.
 *
 * @param name the tensor's name in the graph
 * @param type its element type, {@code ELEMENT_TYPE_UNSPECIFIED} where the graph does not say
 * @param dims its axes, the batch axis first; -1 where an axis is free; empty where the graph does
 *     not say
 */
public record TensorSpec(String name, ElementType type, List<Long> dims) {

  /** Copies {@code dims}. */
  public TensorSpec {
    dims = List.copyOf(dims);
    for (long dim : dims) {
      if (dim < -1) {
        throw new IllegalArgumentException(
            "dims of " + name + ": " + dim + " (expected: -1 or more)");
      }
    }
  }

  /** The axes of one sample: {@link #dims} without the batch axis. */
  public List<Long> sampleDims() {
    return dims.isEmpty() ? dims : dims.subList(1, dims.size());
  }

  /** The spec as a manifest writes it, without the batch axis. */
  public dev.heirloom.proto.v1.TensorSpec toManifest() {
    return dev.heirloom.proto.v1.TensorSpec.newBuilder()
        .setName(name)
        .setType(type)
        .addAllDims(sampleDims())
        .build();
  }

  /** The spec that a manifest means by {@code spec}: the same with a free batch axis. */
  public static TensorSpec ofManifest(dev.heirloom.proto.v1.TensorSpec spec) {
    List<Long> dims = new ArrayList<>(spec.getDimsCount() + 1);
    dims.add(-1L);
    dims.addAll(spec.getDimsList());
    return new TensorSpec(spec.getName(), spec.getType(), dims);
  }

  /** The specs of a manifest's inputs or outputs. */
  public static List<TensorSpec> ofManifest(List<dev.heirloom.proto.v1.TensorSpec> specs) {
    return specs.stream().map(TensorSpec::ofManifest).toList();
  }
}
