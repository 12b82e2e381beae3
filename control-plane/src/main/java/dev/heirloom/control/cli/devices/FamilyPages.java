package dev.heirloom.control.cli.devices;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.FamilySummary;
import dev.heirloom.proto.v1.Rung;
import dev.heirloom.runtime.family.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** Published families in words and as JSON. */
final class FamilyPages {
  private static final int BRIEF = 12;

  private FamilyPages() {}

  static String table(List<FamilySummary> families) {
    if (families.isEmpty()) {
      return "no family is published";
    }
    Table table =
        new Table("family", "manifest", "published", "current", "rungs", "smallest", "largest");
    for (FamilySummary family : families) {
      List<Rung> rungs = family.getRungsList();
      table.row(
          family.getName(),
          manifest(family).substring(0, BRIEF),
          published(family),
          family.getCurrent() ? "yes" : "",
          Integer.toString(rungs.size()),
          Figures.bytes(rungs.get(0).getSizeBytes()),
          Figures.bytes(rungs.get(rungs.size() - 1).getSizeBytes()));
    }
    return table.toString();
  }

  static String text(FamilySummary family, int versions) {
    Table rungs = new Table("rung", "accuracy", "agreement", "parameters", "size", "memory", "p50");
    for (Rung rung : family.getRungsList()) {
      rungs.row(
          Integer.toString(rung.getRung()),
          measure(rung.getAccuracy()),
          measure(rung.getAgreement()),
          Figures.count(rung.getParameters()),
          Figures.bytes(rung.getSizeBytes()),
          Figures.bytes(rung.getMemoryBytes()),
          Figures.milliseconds(rung.getLatencyP50Ns()));
    }
    return String.join(
        "\n",
        "family      " + family.getName(),
        "manifest    " + manifest(family),
        "published   " + published(family) + ", the newest of " + versions,
        "current     "
            + (family.getCurrent() ? "yes" : "no: devices outside a rollout take another"),
        "",
        rungs.toString());
  }

  private static String measure(double share) {
    return String.format(Locale.ROOT, "%.4f", share);
  }

  private static String published(FamilySummary family) {
    return Instant.ofEpochMilli(family.getPublishedUnixMs()).toString();
  }

  private static String manifest(FamilySummary family) {
    return Digest.wrap(family.getManifestSha256()).hex();
  }

  static String json(FamilySummary family) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("family", family.getName())
            .put("manifest_sha256", manifest(family))
            .put("published_unix_ms", family.getPublishedUnixMs())
            .put("current", family.getCurrent());
    for (Rung rung : family.getRungsList()) {
      node.withArray("rungs")
          .addObject()
          .put("rung", rung.getRung())
          .put("accuracy", rung.getAccuracy())
          .put("agreement", rung.getAgreement())
          .put("parameters", rung.getParameters())
          .put("macs", rung.getMacs())
          .put("size_bytes", rung.getSizeBytes())
          .put("memory_bytes", rung.getMemoryBytes())
          .put("latency_p50_ms", Figures.ms(rung.getLatencyP50Ns()));
    }
    return node.toString();
  }
}
