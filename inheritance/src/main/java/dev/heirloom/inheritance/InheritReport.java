package dev.heirloom.inheritance;

import dev.heirloom.inheritance.ladder.LayerTable;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.proto.v1.TeacherFigures;
import dev.heirloom.runtime.family.RungFigures;
import dev.heirloom.runtime.family.WireShare;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an inheritance came to.
 *
 * @param layers names of the factored layers, in the order of each rung's ranks
 * @param tables the ranks that each factored layer could take, in the order of {@code layers}
 * @param leftDense why each other layer stayed as it is, by name
 * @param secondsByStage wall-clock
 * @param family directory that was written
 * @param task what the teacher was taken to be for
 * @param labelled whether there were labels; without them every accuracy is the agreement
 * @param wire how the weights are written
 */
public record InheritReport(
    TeacherFigures teacher,
    List<RungFigures> rungs,
    List<String> layers,
    List<LayerTable> tables,
    Map<String, String> leftDense,
    Map<Stage, Double> secondsByStage,
    Path family,
    Task task,
    boolean labelled,
    WireShare wire) {

  public InheritReport {
    rungs = List.copyOf(rungs);
    layers = List.copyOf(layers);
    tables = List.copyOf(tables);
    leftDense = Map.copyOf(leftDense);
    secondsByStage = new LinkedHashMap<>(secondsByStage);
  }

  /** Wall-clock seconds of all stages. */
  public double seconds() {
    return secondsByStage.values().stream().mapToDouble(Double::doubleValue).sum();
  }
}
