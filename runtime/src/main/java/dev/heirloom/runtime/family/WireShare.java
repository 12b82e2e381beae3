package dev.heirloom.runtime.family;

import dev.heirloom.proto.v1.Band;
import dev.heirloom.proto.v1.DenseWeight;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.WireFormat;
import java.util.ArrayList;
import java.util.List;

/**
 * How many of a family's weights are written in half precision.
 *
 * @param halves bands and dense weights in half precision
 * @param all bands and dense weights
 */
public record WireShare(int halves, int all) {

  /** Counts a manifest's. */
  public static WireShare of(Manifest manifest) {
    List<WireFormat> formats = new ArrayList<>();
    for (FactoredLayer layer : manifest.getLayersList()) {
      layer.getBandsList().stream().map(Band::getWire).forEach(formats::add);
    }
    manifest.getDenseList().stream().map(DenseWeight::getWire).forEach(formats::add);
    int halves = (int) formats.stream().filter(Wire.FP16.format()::equals).count();
    return new WireShare(halves, formats.size());
  }

  /** What the family's weights are written as, but for some. */
  public Wire wire() {
    return halves > 0 ? Wire.FP16 : Wire.FP32;
  }

  /** Weights that stayed float32, or had to. */
  public int singles() {
    return all - halves;
  }

  /** Such as {@code fp16 (2 of 40 weights in fp32)}. */
  public String describe() {
    return halves == 0 || singles() == 0
        ? wire().title()
        : "%s (%d of %d weights in fp32)".formatted(wire().title(), singles(), all);
  }
}
