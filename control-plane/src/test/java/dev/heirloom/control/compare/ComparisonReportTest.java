package dev.heirloom.control.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.control.chart.Axis;
import dev.heirloom.control.chart.SvgCanvas;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ComparisonReportTest {
  @TempDir private Path directory;

  @Test
  void thePageHoldsEveryMethodAndNeedsNothingFromOutside() throws Exception {
    assertThat(ComparisonReport.write(SampleResult.everyMethod(), directory)).isEmpty();
    String page = Files.readString(directory.resolve(ComparisonReport.PAGE));
    for (ComparedMethod method : ComparedMethod.values()) {
      assertThat(page)
          .contains("<td>" + method.title() + "</td>")
          .contains(SvgCanvas.escaped(method.description()))
          .contains(Marker.of(method).colour());
    }
    assertThat(page.split("<svg ", -1)).hasSize(3);
    assertThat(page.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:", "https:", "src=", "@import", "url(", "<script");
    assertThat(page).contains("teacher&lt;1&gt;.onnx").doesNotContain("teacher<1>");
  }

  @Test
  void everyChartIsWellFormed() throws Exception {
    ScatterChart chart = ScatterChart.parameters(SampleResult.everyMethod());
    SvgCanvas canvas = new SvgCanvas(ScatterChart.WIDTH, ScatterChart.HEIGHT);
    chart.draw(canvas);
    String svg = canvas.element("a < b");
    assertThat(
            DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(svg)))
                .getDocumentElement()
                .getTagName())
        .isEqualTo("svg");
    assertThat(svg).doesNotContain("NaN").doesNotContain("Infinity");
  }

  @Test
  void imagesHaveTheChartsSizeAndEveryMethodsColour() throws Exception {
    ComparisonReport.write(SampleResult.everyMethod(), directory);
    for (String name : List.of("accuracy-parameters.png", "accuracy-latency.png")) {
      BufferedImage image = ImageIO.read(directory.resolve(name).toFile());
      assertThat(image.getWidth()).isEqualTo(2 * ScatterChart.WIDTH);
      assertThat(image.getHeight()).isEqualTo(2 * ScatterChart.HEIGHT);
      Set<Integer> colours = new HashSet<>();
      for (int y = 0; y < image.getHeight(); y++) {
        for (int x = 0; x < image.getWidth(); x++) {
          colours.add(image.getRGB(x, y));
        }
      }
      for (Marker marker : Marker.values()) {
        assertThat(colours).contains(Color.decode(marker.colour()).getRGB());
      }
    }
  }

  @Test
  void figuresAreMeansAndDeviationsOverSeeds() throws Exception {
    ComparisonReport.write(SampleResult.everyMethod(), directory);
    JsonNode json =
        new ObjectMapper().readTree(Files.readAllBytes(directory.resolve("results.json")));
    assertThat(json.path("rows")).hasSize(19);
    JsonNode first = json.path("rows").get(0);
    assertThat(first.path("method").asText()).isEqualTo("scratch");
    assertThat(first.path("cells")).hasSize(3);
    // 0.86 + 0.03 · 0.485, each seed 0.002 from the next.
    assertThat(first.path("accuracy").asDouble()).isEqualTo(0.87455);
    assertThat(first.path("accuracy_deviation").asDouble()).isEqualTo(0.002);
  }

  @Test
  void aSingleSeedHasNoDeviation() {
    assertThat(Spread.of(List.of(0.5))).isEqualTo(new Spread(0.5, 0));
    assertThat(Spread.of(List.of(1.0, 3.0)).deviation()).isEqualTo(Math.sqrt(2));
  }

  @Test
  void ticksAreRoundNumbersWithinTheAxis() {
    Axis linear = Axis.around("a", List.of(0.86, 0.93), false, 100, "");
    assertThat(linear.ticks())
        .hasSizeBetween(4, 8)
        .allSatisfy(tick -> assertThat(linear.position(tick)).isBetween(0.0, 1.0));
    assertThat(linear.ticks().stream().map(linear::text)).contains("88", "90", "92");
    Axis logarithmic = Axis.around("b", List.of(0.2, 1.0), true, 100, "");
    assertThat(logarithmic.ticks().stream().map(logarithmic::text))
        .containsExactly("20", "30", "40", "50", "70", "100");
  }
}
