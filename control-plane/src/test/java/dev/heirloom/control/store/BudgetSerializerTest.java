package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.budget.BudgetEvent;
import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.budget.BudgetSerializable;
import dev.heirloom.actors.fleet.Limits;
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
class BudgetSerializerTest {
  private static final String GOLDEN = "dev/heirloom/control/store/budget-format-1.golden";
  private static final long AT_MS = 1_760_000_000_123L;
  private static final BudgetRule RULE =
      new BudgetRule(
          "south-cameras", Map.of("site", "süd"), new Limits(8_000_000, Limits.ABSENT, 0, 0.875));

  private static final List<BudgetSerializable> SAMPLES =
      List.of(
          new BudgetEvent.RuleSet(AT_MS, RULE),
          new BudgetEvent.RuleRemoved(AT_MS, "south-cameras"),
          new BudgetRules(3, List.of(RULE)));

  private final BudgetSerializer serializer = new BudgetSerializer();

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
    for (BudgetSerializable sample : SAMPLES) {
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
        .containsExactlyInAnyOrderElementsOf(BudgetSerializable.NAMES.values());
  }

  @Test
  void refusesWhatTwinsPersistAndWhatIsCut() {
    assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "pinned:1"))
        .isInstanceOf(NotSerializableException.class);
    byte[] rules = serializer.toBinary(new BudgetRules(3, List.of(RULE)));
    for (int length = 0; length < rules.length; length++) {
      byte[] cut = Arrays.copyOf(rules, length);
      assertThatThrownBy(() -> serializer.fromBinary(cut, "rules:1"))
          .as("cut to %d", length)
          .isInstanceOf(NotSerializableException.class);
    }
  }
}
