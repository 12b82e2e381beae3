package dev.heirloom.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.fixture.InheritProcess;
import dev.heirloom.control.fixture.WideTeacher;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.sample.SampleWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumedInheritIT {
  @TempDir private Path directory = Path.of("");

  private int started;

  @BeforeEach
  void writeTeacherAndSamples() throws Exception {
    byte[] teacher = WideTeacher.onnx();
    Files.write(directory.resolve("teacher.onnx"), teacher);
    SampleWriter.write(WideTeacher.labelled(teacher, 1000, 1), directory.resolve("train.npz"));
    SampleWriter.write(WideTeacher.labelled(teacher, 200, 2), directory.resolve("validate.npz"));
  }

  private InheritProcess inherit(String out, List<String> jvm, String... more) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.add(directory.resolve("teacher.onnx").toString());
    arguments.addAll(List.of("--train", directory.resolve("train.npz").toString()));
    arguments.addAll(List.of("--validate", directory.resolve("validate.npz").toString()));
    arguments.addAll(List.of("--out", directory.resolve(out).toString()));
    arguments.addAll(List.of("--rungs", "2", "--steps", "200", "--batch", "8", "--threads", "1"));
    arguments.addAll(List.of("--checkpoint-every", "0"));
    arguments.addAll(List.of(more));
    return InheritProcess.start(directory.resolve("messages." + started++), jvm, arguments);
  }

  private InheritProcess inherit(String out, String... more) throws Exception {
    return inherit(out, List.of(), more);
  }

  /** Digests of everything but measured figures, for the rungs that both families have. */
  private static List<Object> madeOf(Family family, int rungs) {
    List<Object> parts = new ArrayList<>();
    parts.add(family.manifest().getSkeleton());
    parts.add(family.manifest().getProbe());
    parts.addAll(family.manifest().getDenseList());
    family.manifest().getRungsList().stream()
        .limit(rungs)
        .forEach(rung -> parts.addAll(List.of(rung.getRanksList(), rung.getPatch())));
    for (FactoredLayer layer : family.manifest().getLayersList()) {
      layer.getBandsList().stream().filter(band -> band.getRung() <= rungs).forEach(parts::add);
    }
    return parts;
  }

  /** Steps that the last whole checkpoint holds. */
  private static int stepsDone(Path kept) throws Exception {
    try (Stream<Path> files = Files.list(kept)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("weights."))
          .mapToInt(name -> Integer.parseInt(name.substring("weights.".length())))
          .max()
          .orElseThrow();
    }
  }

  /** The line that tells how good the rungs are before the fine-tune and after it. */
  private static String held(InheritProcess process) throws Exception {
    return process
        .messages()
        .lines()
        .filter(line -> line.startsWith("held-back "))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aWorkThatWasInterruptedAndKilledEndsWhereAnUndisturbedOneEnds() throws Exception {
    Path kept = directory.resolve("family.checkpoint");
    try (InheritProcess interrupted = inherit("family")) {
      interrupted.awaitFile(kept.resolve("fine-tune"));
      interrupted.interrupt();
      assertThat(interrupted.exitCode()).isEqualTo(130);
      assertThat(interrupted.messages())
          .contains("kept in " + kept + ": ladder and factors, ")
          .contains("of 200 steps of the fine-tune; --resume goes on from there")
          .contains("heirloom: interrupted")
          .doesNotContain("while busy");
    }
    int done = stepsDone(kept);
    // The same ladder, which measured latency chose, and no step of the fine-tune.
    Path copy = Files.createDirectories(directory.resolve("undisturbed.checkpoint"));
    Files.copy(kept.resolve("settings"), copy.resolve("settings"));
    Files.copy(kept.resolve("start"), copy.resolve("start"));
    try (InheritProcess unasked = inherit("family")) {
      assertThat(unasked.exitCode()).isEqualTo(1);
      assertThat(unasked.messages())
          .isEqualTo(
              "heirloom: %s holds unfinished work of these settings%n".formatted(kept)
                  + "  --resume goes on with it, --restart throws it away.\n");
    }
    try (InheritProcess killed = inherit("family", "--resume")) {
      killed.awaitStepAfter(kept, done);
      killed.kill();
    }
    try (InheritProcess resumed = inherit("family", "--resume")) {
      assertThat(resumed.exitCode()).as(resumed.messages()).isZero();
      assertThat(resumed.messages()).contains("resumed: ladder and factors, ");
      try (InheritProcess undisturbed = inherit("undisturbed", "--resume")) {
        assertThat(undisturbed.exitCode()).as(undisturbed.messages()).isZero();
        // Seen even where the family as it was before the fine-tune is the better one.
        assertThat(held(resumed)).isEqualTo(held(undisturbed));
      }
    }

    Family family = Family.open(directory.resolve("family"));
    Family reference = Family.open(directory.resolve("undisturbed"));
    int rungs = Math.min(family.ladder().size(), reference.ladder().size());
    assertThat(madeOf(family, rungs)).isEqualTo(madeOf(reference, rungs));
    assertThat(kept).doesNotExist();
    assertThat(copy).doesNotExist();
  }

  @Test
  void aLackOfMemoryIsOneLineWithWhatToLower() throws Exception {
    try (InheritProcess starved =
        inherit("family", List.of("-Dorg.bytedeco.javacpp.maxphysicalbytes=120m"))) {
      assertThat(starved.exitCode()).isEqualTo(1);
      assertThat(starved.messages())
          .contains("heirloom: out of memory: ")
          .contains("smaller --batch")
          .doesNotContain("\tat ");
    }
    assertThat(directory.resolve("family")).doesNotExist();
  }
}
