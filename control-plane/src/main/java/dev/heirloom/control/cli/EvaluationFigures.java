package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * What an evaluation came to.
 *
 * @param samples evaluated
 * @param accuracy share of labels met, 0..1
 * @param loss mean cross-entropy in nats
 * @param latencyP50Ns of one inference of one sample
 * @param latencyP95Ns of one inference of one sample
 * @param parameters elements of all floating-point weights, at a family's rung at their true ranks
 * @param macs multiply-accumulates of one sample
 */
record EvaluationFigures(
    int samples,
    double accuracy,
    double loss,
    long latencyP50Ns,
    long latencyP95Ns,
    long parameters,
    long macs) {

  Table table() {
    return new Table("samples", "accuracy", "loss", "p50", "p95", "parameters", "MACs")
        .row(
            Figures.count(samples),
            Figures.percent(accuracy),
            String.format(Locale.ROOT, "%.4f", loss),
            Figures.milliseconds(latencyP50Ns),
            Figures.milliseconds(latencyP95Ns),
            Figures.count(parameters),
            Figures.millions(macs));
  }

  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("samples", samples)
        .put("accuracy", Figures.rounded(accuracy))
        .put("loss", Figures.rounded(loss))
        .put("latency_ms_p50", Figures.ms(latencyP50Ns))
        .put("latency_ms_p95", Figures.ms(latencyP95Ns))
        .put("parameters", parameters)
        .put("macs", macs);
  }
}
