package dev.heirloom.control.demo;

import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.Streams;
import dev.heirloom.control.cli.Table;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Window;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The fleet while the demo runs: a table that is drawn over and over on a terminal, otherwise a
 * line for each decision and now and then one for all devices.
 */
final class FleetTable {
  private static final long PLAIN_NS = 6_000_000_000L;

  private final Streams streams;
  private final Set<String> told = new HashSet<>();
  private int drawnLines;
  private long printedNs;

  FleetTable(Streams streams) {
    this.streams = streams;
    this.printedNs = System.nanoTime();
  }

  /** A line of the story; stays above the table. */
  void say(String line) {
    erase();
    streams.messages().println(line);
  }

  /** Shows the devices as they are. */
  void show(List<Device> devices) {
    tellDecisions(devices);
    if (streams.interactive()) {
      draw(devices);
    } else if (System.nanoTime() - printedNs > PLAIN_NS) {
      printedNs = System.nanoTime();
      streams.messages().println("  " + brief(devices));
    }
  }

  /** Leaves the last table where it is. */
  void end() {
    drawnLines = 0;
  }

  private void tellDecisions(List<Device> devices) {
    for (Device device : devices) {
      for (Decision decision : device.getDecisionsList()) {
        if (told.add(device.getName() + "/" + decision.getDecision())) {
          say("  " + device.getName() + ": " + sentence(decision));
        }
      }
    }
  }

  /** As in {@code rung 4 → 2: why}. */
  static String sentence(Decision decision) {
    String from = decision.getFromRung() == 0 ? "" : decision.getFromRung() + " → ";
    return "rung " + from + decision.getToRung() + ": " + decision.getReason();
  }

  private void draw(List<Device> devices) {
    erase();
    Table table = new Table("device", "rung", "p95", "budget", "accuracy", "requests", "processor");
    devices.forEach(device -> table.row(cells(device)));
    List<String> lines = new ArrayList<>(table.lines());
    lines.add(0, "");
    for (String line : lines) {
      streams.messages().println(line.substring(0, Math.min(line.length(), streams.columns() - 1)));
    }
    drawnLines = lines.size();
  }

  private void erase() {
    if (drawnLines > 0) {
      streams.messages().printf(Locale.ROOT, "\u001b[%dA\u001b[J", drawnLines);
      drawnLines = 0;
    }
  }

  private static String[] cells(Device device) {
    Window window = device.getLastWindow();
    boolean moving = device.getDesiredRung() != device.getReportedRung();
    return new String[] {
      device.getName(),
      device.getReportedRung() + (moving ? " → " + device.getDesiredRung() : ""),
      milliseconds(window.getRequest().getP95Ns()),
      milliseconds(device.getBudget().getP95LatencyNs()),
      accuracy(window),
      Long.toString(window.getRequest().getCount()),
      String.format(Locale.ROOT, "%.2f", window.getCpuCores()),
    };
  }

  private static String brief(List<Device> devices) {
    return String.join("; ", devices.stream().map(FleetTable::brief).toList());
  }

  private static String brief(Device device) {
    if (!device.hasLastWindow()) {
      return device.getName() + " is starting";
    }
    return device.getName()
        + " on rung "
        + device.getReportedRung()
        + " at "
        + milliseconds(device.getLastWindow().getRequest().getP95Ns())
        + " of "
        + milliseconds(device.getBudget().getP95LatencyNs());
  }

  private static String accuracy(Window window) {
    return window.getLabelled() == 0
        ? ""
        : Figures.percent((double) window.getCorrect() / window.getLabelled());
  }

  static String milliseconds(long ns) {
    return String.format(Locale.ROOT, "%.2f ms", ns / 1e6);
  }
}
