package dev.heirloom.control.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.proto.v1.WorkFile;
import dev.heirloom.proto.v1.WorkLease;
import dev.heirloom.proto.v1.WorkOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkplaceTest {
  private static final Instant NOW = Instant.parse("2026-01-20T00:00:00Z");

  @TempDir private Path directory = Path.of("");

  private static WorkOrder order(String job, int attempt, String normalize) {
    return WorkOrder.newBuilder()
        .setLease(WorkLease.newBuilder().setJob(job).setAttempt(attempt).setKey("k" + attempt))
        .setTeacher(WorkFile.newBuilder().setName("wide.onnx"))
        .addNormalize(normalize)
        .build();
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
  }

  @Test
  void isOneTrainersAndKeepsItsName() throws Exception {
    String name;
    try (Workplace place = Workplace.claim(directory)) {
      name = place.trainer();
      assertThatThrownBy(() -> Workplace.claim(directory)).isInstanceOf(IOException.class);
    }
    try (Workplace place = Workplace.claim(directory)) {
      assertThat(place.trainer()).isEqualTo(name);
      assertThat(Workplace.trainerOf(directory)).contains(name);
    }
  }

  @Test
  void keepsWhatAnEarlierAttemptOfTheSameOrderLeftAndNothingElse() throws Exception {
    try (Workplace place = Workplace.claim(directory)) {
      Path home = place.home(order("job-1", 1, "0/1"));
      Path left = Files.writeString(home.resolve("left"), "x");
      assertThat(place.home(order("job-1", 2, "0/1"))).isEqualTo(home);
      assertThat(left).exists();
      place.home(order("job-1", 3, "0/2"));
      assertThat(left).doesNotExist();
    }
  }

  @Test
  void removesWhatNobodyTouchedForAWeek() throws Exception {
    try (Workplace place = Workplace.claim(directory)) {
      Path old = place.home(order("job-1", 1, "0/1"));
      Path worked = place.home(order("job-2", 1, "0/1"));
      for (Path home : new Path[] {old, worked}) {
        age(home.resolve("order"), Duration.ofDays(9));
        age(home, Duration.ofDays(9));
      }
      // Begun nine days ago, and a step was done since.
      age(Files.writeString(worked.resolve("steps"), "x"), Duration.ofDays(1));
      age(worked, Duration.ofDays(9));
      place.tidy(NOW);
      assertThat(old).doesNotExist();
      assertThat(worked).exists();
    }
  }
}
