package dev.heirloom.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.graph.OnnxModel;
import dev.heirloom.runtime.measure.Evaluation;
import dev.heirloom.runtime.measure.Macs;
import dev.heirloom.runtime.sample.Normalization;
import dev.heirloom.runtime.sample.Preprocessor;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleSet;
import dev.heirloom.runtime.session.OnnxSession;
import dev.heirloom.runtime.session.SessionSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real teachers on real data, where the directory that {@code HEIRLOOM_DATA} names has them. */
class SharedTeachersTest {

  private static final String FASHION =
      "fashion-mnist/t10k-images-idx3-ubyte.gz,fashion-mnist/t10k-labels-idx1-ubyte.gz";
  private static final String FASHION_NORMALIZATION = "0.2860/0.3530";

  private Path root = Path.of("");

  @BeforeEach
  void findData() {
    String directory = System.getenv("HEIRLOOM_DATA");
    assumeTrue(
        directory != null && Files.isDirectory(Path.of(directory, "models")),
        "HEIRLOOM_DATA does not name a directory with models/ and data/");
    root = Path.of(String.valueOf(directory));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fashion-resnet14.onnx|" + FASHION + "|" + FASHION_NORMALIZATION + "|2000|0.923",
        "fashion-resnet14-bn.onnx|" + FASHION + "|" + FASHION_NORMALIZATION + "|2000|0.923",
        "digits-seen-and-heard.onnx|digits-seen-and-heard/test.npz||3000|0.926",
        "trec-transformer.onnx|trec/test.npz||500|0.868",
        "sentences-gpt.onnx|sentences/test.npz||300|0.593"
      })
  void reachesItsAccuracy(
      String teacher, String data, String normalization, int count, double accuracy)
      throws Exception {
    OnnxModel model = OnnxModel.read(root.resolve("models").resolve(teacher));
    Path directory = root.resolve("data");
    String spec =
        String.join(
            ",", Stream.of(data.split(",")).map(f -> directory.resolve(f).toString()).toList());
    SampleSet samples = SampleFiles.read(spec, model.inputs()).head(count);
    List<String> options = normalization == null ? List.of() : List.of(normalization);
    Preprocessor preprocessor =
        new Preprocessor(
            Preprocessor.of(samples, model.inputs(), Normalization.parse(options)), model.inputs());
    Task task = samples.labelsPerSample() > 1 ? Task.TASK_NEXT_TOKEN : Task.TASK_CLASSIFICATION;
    try (OnnxSession session = OnnxSession.open(model.bytes(), SessionSettings.cpu(2))) {
      Evaluation.Result result =
          Evaluation.of(session, samples, preprocessor, task, 50, done -> {});
      assertThat(result.accuracy()).isCloseTo(accuracy, within(0.015));
    }
    assertThat(
            Macs.measure(model, preprocessor.batch(samples, new int[] {0}), SessionSettings.cpu(2)))
        .isGreaterThan(100_000);
  }

  @Test
  void readsEveryModel() throws Exception {
    Map<String, Long> parameters = Map.of("fashion-resnet14.onnx", 694_922L);
    try (Stream<Path> files = Files.walk(root.resolve("models"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".onnx")).toList()) {
        OnnxModel model = OnnxModel.read(file);
        assertThat(model.parameters()).as(file.toString()).isPositive();
        Long expected = parameters.get(String.valueOf(file.getFileName()));
        if (expected != null) {
          assertThat(model.parameters()).isEqualTo(expected);
        }
      }
    }
  }
}
