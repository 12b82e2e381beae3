package dev.heirloom.control.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.InheritTexts;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.FactoredLayer;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.family.Family;
import java.util.List;

/**
 * What happened in a demo.
 *
 * @param devices in the order in which they joined
 * @param dashboard where it was
 * @param seconds from start to end
 */
record DemoReport(
    Family family, List<DemoDevice> devices, FleetState state, String dashboard, long seconds) {

  DemoReport {
    devices = List.copyOf(devices);
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(InheritTexts.table(family.manifest(), family.ladder().rungs()));
    text.append("\n\n").append(fleet()).append('\n');
    for (DemoDevice device : devices) {
      text.append('\n').append(device.name()).append(" (").append(device.view()).append(")\n");
      for (Decision decision : status(device).getDecisionsList()) {
        text.append("  ").append(FleetTable.sentence(decision)).append(cost(decision)).append('\n');
      }
    }
    return text.append("\nthe dashboard was at ")
        .append(dashboard)
        .append("; all of this took ")
        .append(Figures.clock(seconds))
        .toString();
  }

  private Table fleet() {
    Table table = new Table("device", "sees", "rung", "p95", "budget", "accuracy");
    for (DemoDevice device : devices) {
      Device status = status(device);
      Window window = status.getLastWindow();
      table.row(
          device.name(),
          device.view().toString(),
          Integer.toString(status.getReportedRung()),
          FleetTable.milliseconds(window.getRequest().getP95Ns()),
          FleetTable.milliseconds(status.getBudget().getP95LatencyNs()),
          Figures.percent(state.accuracy(status)));
    }
    return table;
  }

  private static String cost(Decision decision) {
    return decision.hasOutcome()
        ? " [" + Figures.bytes(decision.getOutcome().getWireBytes()) + " sent]"
        : "";
  }

  private Device status(DemoDevice device) {
    return state.device(device).orElseThrow();
  }

  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    devices.forEach(device -> node.withArray("devices").add(json(status(device))));
    node.set("teacher", InheritTexts.teacher(family.manifest().getTeacher()));
    List<String> layers =
        family.manifest().getLayersList().stream().map(FactoredLayer::getName).toList();
    family
        .ladder()
        .rungs()
        .forEach(rung -> node.withArray("rungs").add(InheritTexts.rung(rung, layers)));
    return node.put("family_bytes", Publication.bytes(family));
  }

  private ObjectNode json(Device device) {
    Window window = device.getLastWindow();
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", device.getName())
            .put("budget_p95_ms", Figures.ms(device.getBudget().getP95LatencyNs()))
            .put("p95_ms", Figures.ms(window.getRequest().getP95Ns()))
            .put("rung", device.getReportedRung())
            .put("accuracy", Figures.rounded(state.accuracy(device)));
    device.getDecisionsList().forEach(d -> node.withArray("decisions").add(json(d)));
    return node;
  }

  private static ObjectNode json(Decision decision) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (decision.getFromRung() == 0) {
      node.putNull("from");
    } else {
      node.put("from", decision.getFromRung());
    }
    return node.put("to", decision.getToRung())
        .put("reason", decision.getReason())
        .put("bytes", decision.getOutcome().getWireBytes())
        .put("missing_bytes", decision.getOutcome().getMissingBytes());
  }
}
