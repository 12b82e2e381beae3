package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.inheritance.InheritReport;
import dev.heirloom.inheritance.ladder.LayerOption;
import dev.heirloom.inheritance.ladder.LayerTable;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.proto.v1.TeacherFigures;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.family.Wire;
import dev.heirloom.runtime.family.WireShare;
import dev.heirloom.runtime.measure.Purpose;
import java.util.List;

/** A teacher and its rungs as a table and as JSON. */
public final class InheritTexts {
  /** Stands for an accuracy where there were no labels. */
  private static final String UNKNOWN = "–";

  private InheritTexts() {}

  static Table table(InheritReport report) {
    return table(report.teacher(), report.rungs(), new Measures(report.task(), report.labelled()));
  }

  /** One line for the teacher of a family, one for each rung, largest last. */
  public static Table table(Manifest manifest, List<RungFigures> rungs) {
    return table(manifest.getTeacher(), rungs, Measures.of(manifest));
  }

  private static Table table(TeacherFigures teacher, List<RungFigures> rungs, Measures measures) {
    Table table =
        new Table(
            "rung",
            measures.accuracy(),
            measures.agreement(),
            "parameters",
            "kept",
            "MACs",
            "bytes",
            "p50",
            "time");
    table.row(
        "teacher",
        measures.labelled() ? measures.text(teacher.getAccuracy()) : UNKNOWN,
        "",
        Figures.count(teacher.getParameters()),
        "",
        Figures.millions(teacher.getMacs()),
        Figures.bytes(teacher.getSizeBytes()),
        Figures.milliseconds(teacher.getLatencyP50Ns()),
        "");
    for (RungFigures rung : rungs) {
      table.row(
          Integer.toString(rung.rung()),
          measures.labelled() ? measures.text(rung.accuracy()) : UNKNOWN,
          measures.text(rung.agreement()),
          Figures.count(rung.parameters()),
          Figures.ratio((double) rung.parameters() / teacher.getParameters()),
          Figures.millions(rung.macs()),
          Figures.bytes(rung.sizeBytes()),
          Figures.milliseconds(rung.latencyP50Ns()),
          Figures.ratio((double) rung.latencyP50Ns() / teacher.getLatencyP50Ns()));
    }
    return table;
  }

  static ObjectNode json(InheritReport report) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    task(node, report.task(), report.labelled());
    wire(node, report.wire());
    node.set("teacher", teacher(report.teacher()));
    report.rungs().forEach(rung -> node.withArray("rungs").add(rung(rung, report.layers())));
    report.tables().forEach(table -> node.withArray("layers").add(table(table)));
    node.put("seconds", tenths(report.seconds()));
    ObjectNode stages = node.putObject("seconds_by_stage");
    report.secondsByStage().forEach((stage, seconds) -> stages.put(stage.title(), tenths(seconds)));
    return node;
  }

  /** The task by name, and whether accuracy is about labels; without them it is the agreement. */
  static void task(ObjectNode node, Task task, boolean labelled) {
    node.put("task", Purpose.title(task)).put("labelled", labelled);
  }

  /** What weights are written as, and how many are not. */
  static void wire(ObjectNode node, WireShare wire) {
    node.put("wire", wire.wire().title());
    if (wire.wire() != Wire.FP32) {
      node.put("weights_in_fp32", wire.singles());
    }
  }

  /** Accuracy, parameters, MACs, bytes and median latency. */
  public static ObjectNode teacher(TeacherFigures teacher) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("accuracy", Figures.rounded(teacher.getAccuracy()))
        .put("parameters", teacher.getParameters())
        .put("macs", teacher.getMacs())
        .put("bytes", teacher.getSizeBytes())
        .put("latency_ms_p50", Figures.ms(teacher.getLatencyP50Ns()));
  }

  /**
   * One rung's figures.
   *
   * @param layers names of the factored layers, in the order of the rung's ranks
   */
  public static ObjectNode rung(RungFigures rung, List<String> layers) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("rung", rung.rung())
            .put("parameters", rung.parameters())
            .put("macs", rung.macs())
            .put("bytes", rung.sizeBytes())
            .put("accuracy", Figures.rounded(rung.accuracy()))
            .put("agreement", Figures.rounded(rung.agreement()))
            .put("latency_ms_p50", Figures.ms(rung.latencyP50Ns()));
    ObjectNode ranks = node.putObject("ranks");
    for (int layer = 0; layer < layers.size(); layer++) {
      ranks.put(layers.get(layer), rung.ranks().get(layer));
    }
    return node;
  }

  /** What each rank of a layer costs and loses. */
  private static ObjectNode table(LayerTable table) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("layer", table.layer()).put("sensitivity", table.sensitivity());
    node.set("dense", option(table.dense()));
    table.options().forEach(option -> node.withArray("options").add(option(option)));
    return node;
  }

  private static ObjectNode option(LayerOption option) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("rank", option.rank())
        .put("lost_energy", option.lostEnergy())
        .put("bytes", option.bytes())
        .put("macs", option.macs())
        .put("latency_ms", Figures.ms(option.latencyNs()));
  }

  private static double tenths(double seconds) {
    return Math.round(seconds * 10) / 10.0;
  }
}
