package dev.heirloom.control.chart;

import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** A drawing of a fixed size with a title. */
public interface Chart {
  /** Width in points. */
  int WIDTH = 900;

  /** Height in points. */
  int HEIGHT = 540;

  String title();

  void draw(Canvas canvas);

  /** The drawing as an element of a page. */
  default String element() {
    SvgCanvas canvas = new SvgCanvas(WIDTH, HEIGHT);
    draw(canvas);
    return canvas.element(title());
  }

  /**
   * Writes the drawing as a PNG file. A Java without fonts or image writers fails in many ways,
   * errors among them.
   *
   * @return a line where it could not be drawn
   */
  default Optional<String> writeImage(Path file) throws IOException {
    byte[] png;
    try {
      ImageCanvas canvas = new ImageCanvas(WIDTH, HEIGHT);
      draw(canvas);
      png = canvas.png();
    } catch (RuntimeException | LinkageError | InternalError | IOException e) {
      return Optional.of(
          "%s is left out: this Java cannot draw text (%s); install fonts, e.g. fonts-dejavu"
              .formatted(file.getFileName(), e));
    }
    DurableFiles.replace(file, png);
    return Optional.empty();
  }
}
