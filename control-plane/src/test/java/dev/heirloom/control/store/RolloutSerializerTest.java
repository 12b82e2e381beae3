package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.rollout.AttemptEnd;
import dev.heirloom.actors.rollout.DeviceEvidence;
import dev.heirloom.actors.rollout.Gates;
import dev.heirloom.actors.rollout.GroupSize;
import dev.heirloom.actors.rollout.LogEntry;
import dev.heirloom.actors.rollout.MaintenanceWindow;
import dev.heirloom.actors.rollout.Member;
import dev.heirloom.actors.rollout.Pace;
import dev.heirloom.actors.rollout.Phase;
import dev.heirloom.actors.rollout.RolloutEvent;
import dev.heirloom.actors.rollout.RolloutPlan;
import dev.heirloom.actors.rollout.RolloutSerializable;
import dev.heirloom.actors.rollout.RolloutState;
import dev.heirloom.actors.rollout.Stage;
import dev.heirloom.actors.rollout.Tally;
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
class RolloutSerializerTest {
  private static final String GOLDEN = "dev/heirloom/control/store/rollout-format-1.golden";
  private static final long AT_MS = 1_760_000_000_123L;
  private static final RolloutPlan PLAN =
      new RolloutPlan(
          "fashion",
          "0123456789abcdef".repeat(4),
          "fedcba9876543210".repeat(4),
          Map.of("site", "süd"),
          List.of(new GroupSize(5, false), new GroupSize(12.5, true)),
          new Gates(0.9, 0.02, Gates.ABSENT, 0.1, 20, 400),
          new Pace(1000, 2000, 0, 4000, 2),
          List.of(new MaintenanceWindow(1320, 240)));
  private static final Member MEMBER = new Member("cam-1", "pi-4", 1, AT_MS);
  private static final AttemptEnd END =
      new AttemptEnd("cam-1", AttemptEnd.Result.OVERDUE, "it was not there for 2 s");
  private static final DeviceEvidence EVIDENCE =
      new DeviceEvidence(
          "cam-1",
          List.of(new Tally(2, 3, 300, 270, 3, 45.5, 690.25, 3, 2.75, 2.5)),
          List.of(new Tally(1, 1, 100, 90, 1, 15.5, 240.25, 0, 0, 0)));

  private static final List<RolloutSerializable> SAMPLES =
      List.of(
          new RolloutEvent.Created(AT_MS, "spring", PLAN, List.of(MEMBER)),
          new RolloutEvent.Joined(AT_MS, List.of(MEMBER)),
          new RolloutEvent.EvidenceRecorded(AT_MS, List.of(EVIDENCE)),
          new RolloutEvent.InstallationBegun(AT_MS, 1, "measured"),
          new RolloutEvent.AttemptsEnded(AT_MS, List.of(END)),
          new RolloutEvent.SoakBegun(AT_MS, 1, "installed"),
          new RolloutEvent.GroupPassed(AT_MS, 1, "good"),
          new RolloutEvent.PromotionBegun(AT_MS, "all good"),
          new RolloutEvent.Completed(AT_MS, "done"),
          new RolloutEvent.Paused(AT_MS, "held"),
          new RolloutEvent.Resumed(AT_MS, "goes on"),
          new RolloutEvent.Turned(AT_MS, true, "given up"),
          new RolloutEvent.Ended(AT_MS, 1, "all are back"),
          new RolloutEvent.Retried(AT_MS, PLAN.previous(), "anew"),
          new RolloutState.Unknown(),
          new RolloutState.Known(
              AT_MS,
              AT_MS - 5,
              "spring",
              PLAN,
              Phase.RETURNING,
              false,
              true,
              1,
              Stage.SOAKING,
              AT_MS - 1,
              List.of(MEMBER),
              Map.of("cam-1", END),
              Map.of("cam-1", EVIDENCE),
              1,
              List.of(new LogEntry(AT_MS, "given up"))));

  private final RolloutSerializer serializer = new RolloutSerializer();

  @Test
  void readsAndWritesWhatTheGoldenFileHolds() throws Exception {
    if ("write".equals(System.getProperty("heirloom.golden"))) {
      writeGolden();
    }
    List<String> golden;
    try (var file = getClass().getClassLoader().getResourceAsStream(GOLDEN)) {
      assertThat(file).isNotNull();
      golden = new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
    assertThat(golden).hasSameSizeAs(SAMPLES);
    for (int i = 0; i < SAMPLES.size(); i++) {
      String[] line = golden.get(i).split(" ", 2);
      byte[] bytes = HexFormat.of().parseHex(line[1]);
      assertThat(serializer.fromBinary(bytes, line[0])).isEqualTo(SAMPLES.get(i));
      assertThat(serializer.manifest(SAMPLES.get(i))).isEqualTo(line[0]);
      assertThat(serializer.toBinary(SAMPLES.get(i))).as(line[0]).isEqualTo(bytes);
    }
  }

  private void writeGolden() throws Exception {
    List<String> lines = new ArrayList<>();
    for (RolloutSerializable sample : SAMPLES) {
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
        .containsExactlyInAnyOrderElementsOf(RolloutSerializable.NAMES.values());
  }

  @Test
  void refusesWhatIsCut() {
    byte[] known = serializer.toBinary(SAMPLES.get(SAMPLES.size() - 1));
    for (int length = 0; length < known.length; length++) {
      byte[] cut = Arrays.copyOf(known, length);
      assertThatThrownBy(() -> serializer.fromBinary(cut, "known-rollout:1"))
          .as("cut to %d", length)
          .isInstanceOf(NotSerializableException.class);
    }
  }
}
