package dev.heirloom.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.cli.Table;
import java.util.List;

/**
 * A finished benchmark.
 *
 * @param benchmark name
 * @param commit what was built
 */
record Report(String benchmark, String commit, Machine machine, Figures figures, List<Goal> goals) {

  Report {
    goals = List.copyOf(goals);
  }

  /** Whether every goal is met. */
  boolean met() {
    return goals.stream().allMatch(goal -> goal.met(figures));
  }

  Table table() {
    Table table = new Table("figure", "value", "goal", "met");
    figures
        .values()
        .forEach(
            (name, value) -> {
              List<Goal> own = goals.stream().filter(goal -> goal.figure().equals(name)).toList();
              table.row(
                  name,
                  Figures.text(value),
                  String.join(", ", own.stream().map(Goal::condition).toList()),
                  own.isEmpty() ? "" : own.stream().allMatch(g -> g.met(figures)) ? "yes" : "no");
            });
    return table;
  }

  /** The line that {@code --json} prints and {@code --record} keeps. */
  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("bench", benchmark).put("commit", commit);
    node.putObject("machine")
        .put("cores", machine.cores())
        .put("model", machine.model())
        .put("memory_gb", machine.memoryGb())
        .put("os", machine.system());
    ObjectNode measured = node.putObject("figures");
    figures.values().forEach(measured::put);
    ObjectNode wanted = node.putObject("goals");
    goals.forEach(goal -> wanted.put(goal.figure(), goal.condition()));
    node.put("met", met());
    return node;
  }
}
