package dev.heirloom.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.actors.twin.TwinEvent;
import dev.heirloom.actors.twin.TwinSerializable;
import dev.heirloom.actors.twin.TwinState;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Run with {@code -Dheirloom.golden=write} to write the golden file anew, for a format that was
 * never released.
 */
class TwinSerializerTest {
  private static final String GOLDEN = "dev/heirloom/control/store/twin-format-1.golden";
  private static final String FIRST = "dev/heirloom/control/store/twin-format-1-first.golden";

  private final TwinSerializer serializer = new TwinSerializer();

  @Test
  void readsAndWritesWhatTheGoldenFileHolds() throws Exception {
    if ("write".equals(System.getProperty("heirloom.golden"))) {
      writeGolden();
    }
    List<String> golden = lines(GOLDEN);
    List<TwinSerializable> samples = TwinSamples.all();
    assertThat(golden).hasSameSizeAs(samples);
    for (int i = 0; i < samples.size(); i++) {
      String[] line = golden.get(i).split(" ", 2);
      byte[] bytes = HexFormat.of().parseHex(line[1]);
      TwinSerializable sample = samples.get(i);
      assertThat(serializer.fromBinary(bytes, line[0])).isEqualTo(sample);
      assertThat(serializer.manifest(sample)).isEqualTo(line[0]);
      assertThat(serializer.toBinary(sample)).as(line[0]).isEqualTo(bytes);
    }
  }

  @Test
  void readsWhatTheFirstFormHolds() throws Exception {
    TwinState.Known known = TwinSamples.knownAtFirst();
    List<String> first = lines(FIRST);
    assertThat(first).hasSize(15);
    for (String written : first) {
      String[] line = written.split(" ", 2);
      Object read = serializer.fromBinary(HexFormat.of().parseHex(line[1]), line[0]);
      switch (line[0]) {
        case "known-device:1" -> assertThat(read).isEqualTo(known);
        case "promoted:1" ->
            assertThat(((TwinEvent.Promoted) read).policy()).isEqualTo(known.policy());
        case "enrolled:1" ->
            assertThat(((TwinEvent.Enrolled) read).profile()).isEqualTo(known.profile());
        default -> assertThat(serializer.manifest(read)).isEqualTo(line[0]);
      }
    }
  }

  @Test
  void refusesAKnownDeviceThatLacksWhatItAlwaysHad() throws Exception {
    byte[] bytes = serializer.toBinary(TwinSamples.knownAtFirst());
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> serializer.fromBinary(cut, "known-device:1"))
          .as("cut to %d", length)
          .isInstanceOf(NotSerializableException.class);
    }
    byte[] empty = serializer.toBinary(new TwinState.Unknown());
    assertThatThrownBy(() -> serializer.fromBinary(empty, "known-device:1"))
        .isInstanceOf(NotSerializableException.class);
  }

  private static List<String> lines(String resource) throws Exception {
    try (var file = TwinSerializerTest.class.getClassLoader().getResourceAsStream(resource)) {
      assertThat(file).isNotNull();
      return new String(file.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private void writeGolden() throws Exception {
    List<String> lines = new ArrayList<>();
    for (TwinSerializable sample : TwinSamples.all()) {
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
    assertThat(TwinSamples.all())
        .extracting(sample -> (Object) sample.getClass())
        .containsExactlyInAnyOrderElementsOf(TwinSerializable.NAMES.values());
  }

  @Test
  void refusesATypeThatItDoesNotKnow() {
    assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "teleported:1"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("'teleported:1': its type is not known here");
    assertThatThrownBy(() -> serializer.fromBinary(new byte[0], "pinned"))
        .isInstanceOf(NotSerializableException.class);
  }

  @Test
  void refusesAnotherVersion() {
    byte[] bytes = serializer.toBinary(new TwinEvent.Unpinned(1));
    assertThatThrownBy(() -> serializer.fromBinary(bytes, "unpinned:2"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("reads version 1");
  }

  @Test
  void refusesTruncatedAndUnexpectedContent() {
    byte[] pinned = serializer.toBinary(new TwinEvent.Pinned(1, 2));
    for (int length = 0; length < pinned.length; length++) {
      byte[] cut = Arrays.copyOf(pinned, length);
      assertThatThrownBy(() -> serializer.fromBinary(cut, "pinned:1"))
          .as("cut to %d", length)
          .isInstanceOf(NotSerializableException.class);
    }
    assertThatThrownBy(() -> serializer.fromBinary(pinned, "unpinned:1"))
        .as("a component that the type does not have")
        .isInstanceOf(NotSerializableException.class);
    byte[] unpinned = serializer.toBinary(new TwinEvent.Unpinned(1));
    assertThatThrownBy(() -> serializer.fromBinary(unpinned, "pinned:1"))
        .as("a component that is missing")
        .isInstanceOf(NotSerializableException.class);
  }

  @Test
  void refusesToWriteWhatNoTwinPersists() {
    assertThatThrownBy(() -> serializer.toBinary("text"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> serializer.manifest("text"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
