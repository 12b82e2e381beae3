package dev.heirloom.control.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.runtime.file.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finished cells in a report's directory, {@code cells/TRIAL.json} with {@code cells/TRIAL.onnx},
 * and the settings that they share. A cell is there as a whole or not at all.
 */
final class CellStore {
  private static final String SETTINGS = "settings.json";

  private final ObjectMapper mapper = new ObjectMapper();
  private final Path directory;
  private final Map<String, String> settings;

  private CellStore(Path directory, Map<String, String> settings) {
    this.directory = directory;
    this.settings = settings;
  }

  /**
   * Opens a report's cells. Nothing is written before there is something to keep.
   *
   * @param settings by name; those of cells that are there have to be the same
   */
  static CellStore open(Path report, Map<String, String> settings)
      throws IOException, CommandException {
    CellStore store = new CellStore(report.resolve("cells"), settings);
    Path file = store.directory.resolve(SETTINGS);
    if (!Files.exists(file)) {
      refuseForeign(report);
      return store;
    }
    JsonNode there = store.mapper.readTree(Files.readAllBytes(file));
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String before = there.path(setting.getKey()).asText();
      if (!before.equals(setting.getValue())) {
        throw new CommandException(
            "--out: %s holds cells of another comparison: %s was '%s' and is '%s'"
                .formatted(report, setting.getKey(), before, setting.getValue()),
            "Choose another directory, or remove " + store.directory + ".");
      }
    }
    return store;
  }

  private static void refuseForeign(Path report) throws IOException, CommandException {
    if (Files.isDirectory(report)) {
      try (Stream<Path> files = Files.list(report)) {
        if (files.findAny().isEmpty()) {
          return;
        }
      }
    }
    if (Files.exists(report)) {
      throw new CommandException(
          "--out: " + report + " exists and is not a comparison's report",
          "Choose a directory that is not there yet.");
    }
  }

  /** Where work in progress may stand. */
  Path work(String name) throws IOException {
    begin();
    return directory.resolve(".work-" + name);
  }

  /** A cell, if its trial is finished. */
  Optional<Cell> find(Trial trial) throws IOException {
    Path file = file(trial, ".json");
    if (!Files.exists(file) || !Files.exists(file(trial, ".onnx"))) {
      return Optional.empty();
    }
    JsonNode node = mapper.readTree(Files.readAllBytes(file));
    return Optional.of(
        new Cell(
            trial,
            node.path("accuracy").asDouble(),
            node.path("agreement").asDouble(),
            node.path("parameters").asLong(),
            node.path("macs").asLong(),
            node.path("bytes").asLong(),
            node.path("samples_seen").asLong(),
            node.path("seconds").asDouble()));
  }

  /** A finished trial's network. */
  byte[] network(Trial trial) throws IOException {
    return Files.readAllBytes(file(trial, ".onnx"));
  }

  /** Keeps a cell; its network first, so that a cell is never without. */
  void keep(Cell cell, byte[] network) throws IOException {
    begin();
    DurableFiles.replace(file(cell.trial(), ".onnx"), network);
    byte[] text = (json(cell) + "\n").getBytes(StandardCharsets.UTF_8);
    DurableFiles.replace(file(cell.trial(), ".json"), text);
  }

  private void begin() throws IOException {
    Path file = directory.resolve(SETTINGS);
    if (!Files.exists(file)) {
      Files.createDirectories(directory);
      DurableFiles.replace(file, mapper.writeValueAsBytes(settings));
    }
  }

  private Path file(Trial trial, String ending) {
    return directory.resolve(trial.key() + ending);
  }

  /** A cell as it is kept and reported. */
  static ObjectNode json(Cell cell) {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("method", cell.trial().method().title());
    cell.trial().size().ifPresent(size -> node.put("size", size));
    return node.put("seed", cell.trial().seed())
        .put("accuracy", cell.accuracy())
        .put("agreement", cell.agreement())
        .put("parameters", cell.parameters())
        .put("macs", cell.macs())
        .put("bytes", cell.bytes())
        .put("samples_seen", cell.samplesSeen())
        .put("seconds", Math.round(cell.seconds() * 10) / 10.0);
  }

  /** Settings in the order in which they were named. */
  static Map<String, String> settings(String... namesAndValues) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      settings.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return settings;
  }
}
