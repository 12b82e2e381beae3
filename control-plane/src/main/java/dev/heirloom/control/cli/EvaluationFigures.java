package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.proto.v1.Task;
import dev.heirloom.runtime.measure.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What an evaluation came to.
 *
 * @param samples evaluated
 * @param accuracy share of labels met, R² or mean cosine, 0..1; empty without labels
 * @param loss mean cross-entropy in nats, error as a share of the targets' spread, or one less the
 *     mean cosine; empty without labels
 * @param agreement the same as accuracy against a teacher's answers; empty without a teacher
 * @param latencyP50Ns of one inference of one sample
 * @param latencyP95Ns of one inference of one sample
 * @param parameters elements of all floating-point weights, at a family's rung at their true ranks
 * @param macs multiply-accumulates of one sample
 */
record EvaluationFigures(
    Task task,
    int samples,
    OptionalDouble accuracy,
    OptionalDouble loss,
    OptionalDouble agreement,
    long latencyP50Ns,
    long latencyP95Ns,
    long parameters,
    long macs) {

  Table table() {
    Measures measures = new Measures(task, accuracy.isPresent());
    List<String> headings = new ArrayList<>(List.of("samples"));
    List<String> cells = new ArrayList<>(List.of(Figures.count(samples)));
    accuracy.ifPresent(
        value -> {
          headings.add(measures.accuracy());
          cells.add(measures.text(value));
        });
    loss.ifPresent(
        value -> {
          headings.add("loss");
          cells.add(String.format(Locale.ROOT, "%.4f", value));
        });
    agreement.ifPresent(
        value -> {
          headings.add(measures.agreement());
          cells.add(measures.text(value));
        });
    headings.addAll(List.of("p50", "p95", "parameters", "MACs"));
    cells.addAll(
        List.of(
            Figures.milliseconds(latencyP50Ns),
            Figures.milliseconds(latencyP95Ns),
            Figures.count(parameters),
            Figures.millions(macs)));
    return new Table(headings.toArray(String[]::new)).row(cells.toArray(String[]::new));
  }

  ObjectNode json() {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("task", Purpose.title(task))
            .put("samples", samples);
    accuracy.ifPresent(value -> node.put("accuracy", Figures.rounded(value)));
    loss.ifPresent(value -> node.put("loss", Figures.rounded(value)));
    agreement.ifPresent(value -> node.put("agreement", Figures.rounded(value)));
    return node.put("latency_ms_p50", Figures.ms(latencyP50Ns))
        .put("latency_ms_p95", Figures.ms(latencyP95Ns))
        .put("parameters", parameters)
        .put("macs", macs);
  }
}
