package dev.heirloom.control.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.proto.v1.AccuracyForecast;
import dev.heirloom.proto.v1.LatencyForecast;
import dev.heirloom.proto.v1.LimitMiss;
import dev.heirloom.proto.v1.RecommendResponse;
import dev.heirloom.proto.v1.TailoredHeir;
import dev.heirloom.runtime.family.Digest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Recommendations in words and as JSON. */
final class TailorTexts {
  private TailorTexts() {}

  /** An heir that is in a file now. */
  record Written(Path file, TailoredHeir heir) {}

  static String text(RecommendResponse told, Optional<Written> written) {
    StringBuilder text = new StringBuilder();
    line(text, "family", told.getFamily() + " (" + manifest(told).substring(0, 12) + ")");
    line(text, "rung", Integer.toString(told.getRung()));
    line(text, "reason", told.getReason());
    line(text, "accuracy", accuracy(told.getAccuracy()));
    line(text, "p95 latency", latency(told.getP95Latency()));
    if (told.getMissesCount() > 0) {
      line(text, "misses", misses(told.getMissesList()));
    }
    written.ifPresent(
        file -> line(text, "file", file.file() + ", " + Figures.bytes(file.heir().getSizeBytes())));
    return text.toString().stripTrailing();
  }

  private static void line(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-12s %s%n", name, value));
  }

  private static String manifest(RecommendResponse told) {
    return Digest.wrap(told.getManifestSha256()).hex();
  }

  private static String accuracy(AccuracyForecast accuracy) {
    String expected = Figures.percent(accuracy.getExpected());
    return accuracy.getSamples() == 0
        ? expected + ", how sure is not known"
        : "%s (%s to %s, from %s answers)"
            .formatted(
                expected,
                Figures.percent(accuracy.getLower()),
                Figures.percent(accuracy.getUpper()),
                Figures.count(accuracy.getSamples()));
  }

  private static String latency(LatencyForecast latency) {
    return latency.getBasis() == LatencyForecast.Basis.BASIS_UNSPECIFIED
        ? "nothing is known of the speed of such devices"
        : "%s (%s to %s, from %s)"
            .formatted(
                Figures.milliseconds(latency.getExpectedNs()),
                Figures.milliseconds(latency.getLowerNs()),
                Figures.milliseconds(latency.getUpperNs()),
                basis(latency));
  }

  private static String basis(LatencyForecast latency) {
    int devices = latency.getDevices();
    return latency.getBasis() == LatencyForecast.Basis.BASIS_CLASS
        ? devices + (devices == 1 ? " device" : " devices") + " of the class"
        : "micro-probes";
  }

  /** Which limits are missed, and by how much. */
  static String misses(List<LimitMiss> misses) {
    return misses.stream().map(TailorTexts::miss).collect(Collectors.joining("; "));
  }

  private static String miss(LimitMiss miss) {
    return switch (miss.getKind()) {
      case LIMIT_KIND_MEMORY -> bytes("memory", miss);
      case LIMIT_KIND_SIZE -> bytes("size", miss);
      case LIMIT_KIND_P95_LATENCY ->
          "p95 latency %s, %s over %s"
              .formatted(
                  Figures.milliseconds((long) miss.getReached()),
                  Figures.milliseconds((long) miss.getBy()),
                  Figures.milliseconds((long) miss.getLimit()));
      case LIMIT_KIND_ACCURACY ->
          "accuracy %s, %.2f points under %s"
              .formatted(
                  Figures.percent(miss.getReached()),
                  100 * miss.getBy(),
                  Figures.percent(miss.getLimit()));
      case LIMIT_KIND_UNSPECIFIED, UNRECOGNIZED -> "a limit of a kind that is not known here";
    };
  }

  private static String bytes(String what, LimitMiss miss) {
    return "%s %s, %s over %s"
        .formatted(
            what,
            Figures.bytes((long) miss.getReached()),
            Figures.bytes((long) miss.getBy()),
            Figures.bytes((long) miss.getLimit()));
  }

  static ObjectNode json(RecommendResponse told, Optional<Written> written) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("family", told.getFamily())
            .put("manifest_sha256", manifest(told))
            .put("rung", told.getRung())
            .put("feasible", told.getFeasible())
            .put("reason", told.getReason());
    AccuracyForecast accuracy = told.getAccuracy();
    node.putObject("accuracy")
        .put("expected", accuracy.getExpected())
        .put("lower", accuracy.getLower())
        .put("upper", accuracy.getUpper())
        .put("samples", accuracy.getSamples());
    LatencyForecast latency = told.getP95Latency();
    node.putObject("p95_latency")
        .put("basis", basisName(latency))
        .put("expected_ms", Figures.ms(latency.getExpectedNs()))
        .put("lower_ms", Figures.ms(latency.getLowerNs()))
        .put("upper_ms", Figures.ms(latency.getUpperNs()))
        .put("devices", latency.getDevices());
    for (LimitMiss miss : told.getMissesList()) {
      node.withArray("misses")
          .addObject()
          .put("limit", kind(miss))
          .put("asked", miss.getLimit())
          .put("reached", miss.getReached())
          .put("by", miss.getBy());
    }
    written.ifPresent(
        file ->
            node.putObject("file")
                .put("path", file.file().toString())
                .put("bytes", file.heir().getSizeBytes())
                .put("sha256", Digest.wrap(file.heir().getSha256()).hex()));
    return node;
  }

  private static String basisName(LatencyForecast latency) {
    return switch (latency.getBasis()) {
      case BASIS_CLASS -> "class";
      case BASIS_MICRO_PROBES -> "micro-probes";
      case BASIS_UNSPECIFIED, UNRECOGNIZED -> "unknown";
    };
  }

  private static String kind(LimitMiss miss) {
    return miss.getKind().name().replace("LIMIT_KIND_", "").toLowerCase(Locale.ROOT);
  }
}
