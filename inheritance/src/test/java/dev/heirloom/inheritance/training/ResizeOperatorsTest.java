package dev.heirloom.inheritance.training;

import static dev.heirloom.runtime.graph.Attributes.intsAttribute;
import static dev.heirloom.runtime.graph.Attributes.stringAttribute;

import dev.heirloom.inheritance.TinyModels;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Resizing computes what ONNX Runtime computes. */
class ResizeOperatorsTest {

  private static TinyModels images() {
    return new TinyModels(7).input("x", -1, 4, 6, 6);
  }

  @ParameterizedTest
  @CsvSource({
    "nearest,half_pixel,round_prefer_floor",
    "nearest,half_pixel,round_prefer_ceil",
    "nearest,asymmetric,floor",
    "nearest,asymmetric,ceil",
    "nearest,align_corners,round_prefer_floor",
    "linear,half_pixel,floor",
    "linear,pytorch_half_pixel,floor",
    "linear,align_corners,floor",
    "linear,asymmetric,floor",
    "cubic,half_pixel,floor",
    "cubic,align_corners,floor"
  })
  void resizesByScalesAndToSizes(String mode, String coordinates, String rounding)
      throws Exception {
    for (float scale : new float[] {2, 1.5f, 0.6f}) {
      Agreement.require(
          images()
              .weight("scales", new float[] {1, 1, scale, 2}, 4)
              .node(
                  "Resize",
                  List.of("x", "", "scales"),
                  "y",
                  stringAttribute("mode", mode),
                  stringAttribute("coordinate_transformation_mode", coordinates),
                  stringAttribute("nearest_mode", rounding)),
          13);
    }
    Agreement.require(
        images()
            .longs("sizes", 3, 4, 9, 3)
            .node(
                "Resize",
                List.of("x", "", "", "sizes"),
                "y",
                stringAttribute("mode", mode),
                stringAttribute("coordinate_transformation_mode", coordinates),
                stringAttribute("nearest_mode", rounding)),
        13);
  }

  @Test
  void resizesChosenAxes() throws Exception {
    Agreement.require(
        images()
            .longs("sizes", 8, 9)
            .node(
                "Resize",
                List.of("x", "", "", "sizes"),
                "y",
                stringAttribute("mode", "linear"),
                intsAttribute("axes", 2, 3)),
        18);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nearest", "linear"})
  void resizesInTheOldestForms(String mode) throws Exception {
    Agreement.require(
        images()
            .weight("scales", new float[] {1, 1, 2, 1.5f}, 4)
            .node("Upsample", List.of("x", "scales"), "y", stringAttribute("mode", mode)),
        9);
    Agreement.require(
        images()
            .weight("scales", new float[] {1, 1, 2, 1.5f}, 4)
            .node("Resize", List.of("x", "scales"), "y", stringAttribute("mode", mode)),
        10);
  }
}
