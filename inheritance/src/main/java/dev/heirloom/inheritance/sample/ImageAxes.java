package dev.heirloom.inheritance.sample;

import dev.heirloom.runtime.graph.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * How a model takes images: three axes, of which the first or the last is 1, 3 or 4 channels.
 *
 * @param channelsFirst whether the channels' axis is the first, else it is the last
 * @param height in pixels; -1 for any
 * @param width in pixels; -1 for any
 */
record ImageAxes(boolean channelsFirst, int channels, long height, long width) {

  private static final List<Long> CHANNELS = List.of(1L, 3L, 4L);

  /** Reads them off axes without the batch axis; empty where these are not an image's. */
  static Optional<ImageAxes> of(List<Long> dims) {
    if (dims.size() != 3) {
      return Optional.empty();
    }
    if (CHANNELS.contains(dims.get(0))) {
      return Optional.of(new ImageAxes(true, dims.get(0).intValue(), dims.get(1), dims.get(2)));
    }
    if (CHANNELS.contains(dims.get(2))) {
      return Optional.of(new ImageAxes(false, dims.get(2).intValue(), dims.get(0), dims.get(1)));
    }
    return Optional.empty();
  }

  static Optional<ImageAxes> of(TensorSpec input) {
    return of(input.sampleDims());
  }

  /** The same for images of one size. */
  ImageAxes sized(int ofHeight, int ofWidth) {
    return new ImageAxes(channelsFirst, channels, ofHeight, ofWidth);
  }

  /** Whether images of a size fit. */
  boolean takes(int ofHeight, int ofWidth) {
    return (height == -1 || height == ofHeight) && (width == -1 || width == ofWidth);
  }

  /** The axes of one image. */
  List<Long> dims() {
    return channelsFirst
        ? List.of((long) channels, height, width)
        : List.of(height, width, (long) channels);
  }
}
