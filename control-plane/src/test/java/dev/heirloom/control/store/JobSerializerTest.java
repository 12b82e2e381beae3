package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.job.Job;
import dev.heirloom.actors.job.JobEvent;
import dev.heirloom.actors.job.JobFile;
import dev.heirloom.actors.job.JobSerializable;
import dev.heirloom.actors.job.JobSpec;
import dev.heirloom.actors.job.JobState;
import dev.heirloom.actors.job.Jobs;
import dev.heirloom.actors.job.SampleSet;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Run with {@code -Dheirloom.golden=write} to write the golden file anew, for a format that was
 * never released.
 */
class JobSerializerTest {
  private static final String GOLDEN = "dev/heirloom/control/store/job-format-1.golden";

  /** Written when every job chose its ranks. */
  private static final String FIRST = "dev/heirloom/control/store/job-format-1-first.golden";

  private static final long AT_MS = 1_760_000_000_123L;
  private static final String DIGEST = "0123456789abcdef".repeat(4);
  private static final JobSpec SPEC =
      new JobSpec(
          new JobFile("resnet.onnx", DIGEST, 1_234_567),
          new SampleSet(
              "cifar10", List.of(new JobFile("a.bin", DIGEST, 7), new JobFile("b.bin", DIGEST, 8))),
          new SampleSet("", List.of(new JobFile("validate.npz", DIGEST, 9))),
          List.of(new JobFile("resnet", DIGEST, 10)),
          List.of("0.5,0.25/0.125"),
          Map.of("rungs", "4", "wire", "fp16"));
  private static final Job JOB =
      new Job(
          "job-7",
          7,
          SPEC,
          -5,
          3,
          JobState.FINE_TUNING,
          2,
          1,
          "gpu-1-0a1b2c3d",
          "00112233445566778899aabbccddeeff",
          AT_MS,
          AT_MS + 1,
          new Job.Mark(JobState.FINE_TUNING, 120),
          new Job.Mark(JobState.FACTORING, 0),
          "süd",
          DIGEST,
          "resnet",
          DIGEST);

  private static final List<JobSerializable> SAMPLES =
      List.of(
          new JobEvent.Submitted(AT_MS, "job-7", 7, SPEC, -5, 3),
          new JobEvent.Assigned(
              AT_MS, "job-7", 2, "gpu-1-0a1b2c3d", "00112233445566778899aabbccddeeff"),
          new JobEvent.Advanced(AT_MS, "job-7", 2, JobState.FINE_TUNING, 120),
          new JobEvent.Returned(AT_MS, "job-7", 2, 1, "its trainer fell silent"),
          new JobEvent.PublishPermitted(AT_MS, "job-7", 2, DIGEST),
          new JobEvent.Published(AT_MS, "job-7", 2, "resnet", DIGEST),
          new JobEvent.Failed(AT_MS, "job-7", 2, 3, "no layer gains"),
          new JobEvent.Cancelled(AT_MS, "job-7", "a mistake"),
          new JobEvent.Retried(AT_MS, "job-7"),
          new JobEvent.Prioritised(AT_MS, "job-7", 9),
          new JobEvent.Forgotten(AT_MS, "job-7"),
          new Jobs(7, List.of(JOB)));

  private final JobSerializer serializer = new JobSerializer();

  @Test
  void readsAndWritesWhatTheGoldenFileHolds() throws Exception {
    if ("write".equals(System.getProperty("heirloom.golden"))) {
      writeGolden();
    }
    List<String> golden = lines(GOLDEN);
    assertThat(golden).hasSameSizeAs(SAMPLES);
    for (int i = 0; i < SAMPLES.size(); i++) {
      String[] line = golden.get(i).split(" ", 2);
      byte[] bytes = HexFormat.of().parseHex(line[1]);
      assertThat(serializer.fromBinary(bytes, line[0])).isEqualTo(SAMPLES.get(i));
      assertThat(serializer.manifest(SAMPLES.get(i))).isEqualTo(line[0]);
      assertThat(serializer.toBinary(SAMPLES.get(i))).as(line[0]).isEqualTo(bytes);
    }
  }

  @Test
  void readsWhatTheFirstFormHolds() throws Exception {
    List<String> first = lines(FIRST);
    assertThat(first).hasSameSizeAs(SAMPLES);
    for (String written : first) {
      String[] line = written.split(" ", 2);
      Object read = serializer.fromBinary(HexFormat.of().parseHex(line[1]), line[0]);
      if (read instanceof JobEvent.Submitted submitted) {
        assertThat(submitted.spec().ladder()).isEmpty();
        assertThat(submitted.spec().teacher()).isEqualTo(SPEC.teacher());
      } else if (read instanceof Jobs jobs) {
        assertThat(jobs.jobs()).hasSize(1);
        assertThat(jobs.jobs().get(0).spec().ladder()).isEmpty();
      } else {
        assertThat(SAMPLES).contains((JobSerializable) read);
      }
    }
  }

  private static List<String> lines(String resource) throws Exception {
    try (var file = JobSerializerTest.class.getClassLoader().getResourceAsStream(resource)) {
      assertThat(file).isNotNull();
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private void writeGolden() throws Exception {
    List<String> lines = new ArrayList<>();
    for (JobSerializable sample : SAMPLES) {
      lines.add(
          serializer.manifest(sample)
              + " "
              + HexFormat.of().formatHex(serializer.toBinary(sample)));
    }
    for (String root : List.of("src/test/resources", "target/test-classes")) {
      Path file = Path.of(root).resolve(GOLDEN);
      Files.createDirectories(file.getParent());
      Files.writeString(file, String.join("\n", lines) + "\n");
    }
  }

  @Test
  void hasASampleOfEveryPersistedType() {
    assertThat(SAMPLES)
        .extracting(sample -> (Object) sample.getClass())
        .containsExactlyInAnyOrderElementsOf(JobSerializable.NAMES.values());
  }

  @Test
  void refusesWhatIsCutOrOfAnotherKind() {
    assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "rules:1"))
        .isInstanceOf(NotSerializableException.class);
    byte[] jobs = serializer.toBinary(new Jobs(7, List.of(JOB)));
    for (int length = 0; length < jobs.length; length++) {
      byte[] cut = Arrays.copyOf(jobs, length);
      assertThatThrownBy(() -> serializer.fromBinary(cut, "jobs:1"))
          .as("cut to %d", length)
          .isInstanceOf(NotSerializableException.class);
    }
  }
}
