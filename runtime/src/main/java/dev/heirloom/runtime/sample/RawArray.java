package dev.heirloom.runtime.sample;

import dev.heirloom.proto.v1.ElementType;
import java.util.List;

/**
 * An array as a file holds it, widened to one of the element types.
 *
 * @param type element type
 * @param dims axes, the samples' first; empty for a single value
 * @param rows one per sample; little-endian, row-major
 */
record RawArray(ElementType type, List<Long> dims, Rows rows) {

  RawArray {
    dims = List.copyOf(dims);
  }

  /** The axes of one sample. */
  List<Long> sampleDims() {
    return dims.subList(1, dims.size());
  }
}
