package dev.heirloom.control.demo;

import dev.heirloom.proto.v1.ElementType;
import dev.heirloom.runtime.sample.SampleSet;
import java.nio.ByteBuffer;
import java.util.List;

/** Rendered shapes as labelled samples: uint8, one channel. */
public final class ShapeSamples {
  private ShapeSamples() {}

  /**
   * The first {@code count} images of a seed, seen through a disturbance, of the size that the
   * teacher takes.
   */
  public static SampleSet render(int count, long seed, Disturbance disturbance) {
    return render(ShapeRenderer.SIDE, count, seed, disturbance);
  }

  static SampleSet render(int side, int count, long seed, Disturbance disturbance) {
    ShapeRenderer renderer = new ShapeRenderer(side, seed, disturbance);
    ByteBuffer pixels = ByteBuffer.allocate(count * side * side);
    long[] labels = new long[count];
    for (int i = 0; i < count; i++) {
      pixels.put(renderer.image(i));
      labels[i] = renderer.label(i);
    }
    List<Long> dims = List.of(1L, (long) side, (long) side);
    return SampleSet.of(count)
        .input(ShapeNetwork.INPUT, ElementType.ELEMENT_TYPE_UINT8, dims, pixels.flip())
        .labels(1, labels)
        .build();
  }
}
