package dev.heirloom.control.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.control.cli.CommandLineRun;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.runtime.family.Family;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xml.sax.InputSource;

class SimulateCommandTest {
  private static final List<String> SMALL =
      List.of("simulate", "--devices", "16", "--hours", "2", "--quiet");

  @TempDir private Path directory = Path.of("");

  private static CommandLineRun run(String... more) {
    return CommandLineRun.of(SMALL, more);
  }

  @Test
  void printsALineForEveryPolicy() {
    CommandLineRun run = run("--policies", "heirloom,rung-3,aimd,hill,table,oracle");

    assertThat(run.code()).isZero();
    assertThat(run.results()).hasSize(8);
    assertThat(run.results().get(0)).startsWith("policy");
    assertThat(run.results().get(6)).startsWith("oracle").contains("1.000");
    assertThat(run.results().get(7)).startsWith("counted apart: ");
    assertThat(run.messages()).isEmpty();
  }

  @Test
  void printsTheSameFiguresAgainOnAnyNumberOfThreads() {
    List<String> once = run("--seeds", "1,2", "--json", "--threads", "1").results();

    assertThat(run("--seeds", "1,2", "--json", "--threads", "3").results()).isEqualTo(once);
    assertThat(run("--seeds", "3,2", "--json").results()).isNotEqualTo(once);
  }

  @Test
  void writesAPageImagesAndFigures() throws Exception {
    Path out = directory.resolve("new/report");
    CommandLineRun run =
        run("--out", out.toString(), "--policies", "heirloom,rung-1", "--seeds", "1,2");

    assertThat(run.code()).isZero();
    String page = Files.readString(out.resolve("report.html"));
    assertThat(page.split("<svg ", -1)).hasSize(5);
    assertThat(page.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:", "https:", "src=", "@import", "url(", "<script")
        .contains("steps.perDay");
    String xml = page.substring(page.indexOf("<svg "), page.indexOf("</svg>") + 6);
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
    assertThat(page).doesNotContain("NaN").doesNotContain("Infinity");
    for (String image : List.of("rungs", "shares", "regret", "violations")) {
      assertThat(ImageIO.read(out.resolve(image + ".png").toFile()).getWidth()).isEqualTo(1800);
    }
    assertThat(Files.readAllLines(out.resolve("scores.csv"))).hasSize(1 + 2 * 2);
    assertThat(Files.readAllLines(out.resolve("timeline.csv"))).hasSize(1 + 2 * 96);
    JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(out.resolve("results.json")));
    assertThat(json.path("policies").path("rung-1").path("gap_closed").asDouble()).isZero();
    assertThat(json.path("policies").path("heirloom").path("windows").asLong()).isPositive();
  }

  @Test
  void takesTheLadderOfAFamily() throws Exception {
    Path family = directory.resolve("family");
    TinyFamily tiny = TinyFamily.small();
    Family.write(family, tiny.manifest(), tiny.blobs());
    CommandLineRun run = run("--family", family.toString(), "--policies", "rung-3");

    assertThat(run.code()).isZero();
    assertThat(run("--family", family.toString(), "--policies", "rung-4").code()).isEqualTo(2);
  }

  @Test
  void changesConditions() {
    CommandLineRun noisy =
        run("--set", "measuring.windowNoise=0.5", "--set", "steps.perDay=0", "--json");

    assertThat(noisy.code()).isZero();
    assertThat(noisy.results().get(noisy.results().size() - 1))
        .contains("\"measuring.windowNoise\":0.5")
        .contains("\"steps.perDay\":0.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --devices | 0 | heirloom: --devices: 0 (expected: 1..1000000)
          --classes | -1 | heirloom: --classes: -1 (expected: 1..1000000)
          --unseen | 9 | heirloom: --unseen: 9 (expected: 0..8)
          --hours | 0 | heirloom: --hours: 0.0 s (expected: above 0, at most a year)
          --hours | NaN | heirloom: --hours: NaN s (expected: above 0, at most a year)
          --window | 0 | heirloom: --window: 0.0 s (expected: above 0, at most a year)
          --window | 0.0001 | heirloom: --window: PT0S (expected: 1 ms or more)
          --threads | 0 | heirloom: --threads: 0 (expected: 1..256)
          --set | steps.perDay=-1 | heirloom: --set: steps.perDay: -1.0 (expected: 0 or more)
          --policies | best | heirloom: --policies: 'best' (expected: heirloom, aimd, hill, table, oracle-held, oracle, rung-1 to rung-8)
          """)
  void refusesWhatCannotBeInOneLine(String option, String value, String line) {
    CommandLineRun run = CommandLineRun.of(List.of("simulate", "--quiet"), option, value);

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.messages().get(0)).isEqualTo(line);
    assertThat(run.messages()).hasSizeLessThanOrEqualTo(3);
    assertThat(run.results()).isEmpty();
  }

  @Test
  void refusesABudgetThatIsNoTime() {
    CommandLineRun run = run("--budget-latency", "5 apples");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.messages().get(0)).startsWith("heirloom: --budget-latency: ");
  }

  @Test
  void refusesADirectoryThatIsNoFamily() {
    assertThat(run("--family", directory.toString()).code()).isNotZero();
  }
}
