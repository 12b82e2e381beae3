package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Preprocessing;
import dev.heirloom.proto.v1.TensorSpec;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.LadderTiming;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.family.WireShare;
import dev.heirloom.runtime.measure.Purpose;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A family in words and as JSON. */
final class FamilyTexts {
  private FamilyTexts() {}

  static String text(Family family) {
    Manifest manifest = family.manifest();
    StringBuilder head = new StringBuilder();
    line(head, "family", manifest.getName());
    line(head, "manifest", family.digest().hex());
    line(head, "made", Instant.ofEpochMilli(manifest.getCreatedUnixMs()).toString());
    line(
        head,
        "method",
        manifest.getMethod() + ", " + manifest.getSteps() + " steps, seed " + manifest.getSeed());
    line(
        head,
        "task",
        Purpose.title(manifest.getTask()) + (manifest.getUnlabelled() ? ", without labels" : ""));
    line(head, "inputs", specs(manifest.getInputsList()));
    line(head, "outputs", specs(manifest.getOutputsList()));
    line(head, "preprocessing", preprocessing(manifest));
    line(head, "wire", WireShare.of(manifest).describe());
    line(head, "prediction", prediction(family.ladder().timings()));
    line(head, "bytes", Figures.bytes(Publication.bytes(family)));
    return String.join(
        "\n\n",
        head.toString().stripTrailing(),
        InheritTexts.table(manifest, family.ladder().rungs()).toString(),
        ranks(manifest, family.ladder().rungs()).toString());
  }

  private static String prediction(List<LadderTiming> timings) {
    return timings.isEmpty()
        ? "none: timed without micro-probes"
        : timings.stream()
            .map(
                timing ->
                    "from %d micro-probes (set %d) on %s"
                        .formatted(
                            timing.probes().ns().size(),
                            timing.probes().version(),
                            threads(timing.threads())))
            .collect(Collectors.joining(", "));
  }

  private static String threads(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-14s %s%n", name, value));
  }

  private static Table ranks(Manifest manifest, List<RungFigures> rungs) {
    String[] headings = new String[rungs.size() + 2];
    headings[0] = "layer";
    headings[1] = "shape";
    for (RungFigures rung : rungs) {
      headings[rung.rung() + 1] = "rung " + rung.rung();
    }
    Table table = new Table(headings);
    for (int layer = 0; layer < manifest.getLayersCount(); layer++) {
      FactoredLayer factored = manifest.getLayers(layer);
      String[] cells = new String[headings.length];
      cells[0] = factored.getName();
      cells[1] = factored.getOutputs() + "×" + factored.getInputs();
      for (RungFigures rung : rungs) {
        cells[rung.rung() + 1] = Integer.toString(rung.ranks().get(layer));
      }
      table.row(cells);
    }
    return table;
  }

  private static String specs(List<TensorSpec> specs) {
    return specs.stream().map(FamilyTexts::spec).collect(Collectors.joining(", "));
  }

  private static String spec(TensorSpec spec) {
    String type = spec.getType().name().replace("ELEMENT_TYPE_", "").toLowerCase(Locale.ROOT);
    return spec.getName() + " " + type + spec.getDimsList();
  }

  private static String preprocessing(Manifest manifest) {
    return manifest.getPreprocessingList().stream()
        .map(FamilyTexts::step)
        .collect(Collectors.joining(", "));
  }

  private static String step(Preprocessing step) {
    String scaled = step.getInput() + " × " + step.getScale();
    return step.getMeanCount() == 0
        ? scaled
        : "(" + scaled + " − " + step.getMeanList() + ") / " + step.getDeviationList();
  }

  static ObjectNode json(Family family) {
    Manifest manifest = family.manifest();
    List<String> layers = manifest.getLayersList().stream().map(FactoredLayer::getName).toList();
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("family", manifest.getName())
            .put("manifest_sha256", family.digest().hex())
            .put("created_unix_ms", manifest.getCreatedUnixMs())
            .put("method", manifest.getMethod())
            .put("steps", manifest.getSteps())
            .put("seed", manifest.getSeed())
            .put("bytes", Publication.bytes(family));
    InheritTexts.task(node, manifest.getTask(), !manifest.getUnlabelled());
    InheritTexts.wire(node, WireShare.of(manifest));
    node.set("teacher", InheritTexts.teacher(manifest.getTeacher()));
    family
        .ladder()
        .rungs()
        .forEach(rung -> node.withArray("rungs").add(InheritTexts.rung(rung, layers)));
    for (LadderTiming timing : family.ladder().timings()) {
      ObjectNode each =
          node.withArray("timings")
              .addObject()
              .put("threads", timing.threads())
              .put("probe_set", timing.probes().version());
      timing.probes().ns().forEach(each.withArray("probe_ns")::add);
      timing.rungs().forEach(rung -> each.withArray("p50_ns").add(rung.p50Ns()));
    }
    return node;
  }
}
