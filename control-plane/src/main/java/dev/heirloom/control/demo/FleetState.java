package dev.heirloom.control.demo;

import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the control plane has said about the demo's devices so far. */
final class FleetState {
  /** The first window at a rung still holds what came before. */
  private static final int FIRST_TELLING_WINDOW = 1;

  /** How many windows say how fast a device is now: the machine's other load comes and goes. */
  private static final int LATEST = 3;

  private final Map<String, Device> devices = new LinkedHashMap<>();
  private final Map<String, List<Window>> windows = new LinkedHashMap<>();

  /** Takes a device's newest state. */
  void add(Device device) {
    devices.put(device.getName(), device);
    List<Window> seen = windows.computeIfAbsent(device.getName(), name -> new ArrayList<>());
    if (device.hasLastWindow()) {
      Window window = device.getLastWindow();
      boolean isNew =
          seen.isEmpty() || seen.get(seen.size() - 1).getSequence() != window.getSequence();
      if (isNew) {
        seen.add(window);
      }
    }
  }

  Optional<Device> device(DemoDevice device) {
    return Optional.ofNullable(devices.get(device.name()));
  }

  List<Device> devices() {
    return List.copyOf(devices.values());
  }

  /** The latest request p95s of a device at a rung, in ns; the first window there left out. */
  List<Long> p95Ns(DemoDevice device, int rung) {
    List<Long> all =
        windows.getOrDefault(device.name(), List.of()).stream()
            .filter(window -> window.getRung() == rung && window.getRequest().getCount() > 0)
            .skip(FIRST_TELLING_WINDOW)
            .map(window -> window.getRequest().getP95Ns())
            .toList();
    return all.subList(Math.max(0, all.size() - LATEST), all.size());
  }

  /** Number of windows that a device has reported. */
  int windows(DemoDevice device) {
    return windows.getOrDefault(device.name(), List.of()).size();
  }

  /** Whether a device serves what is desired of it and has told so within its budget. */
  boolean settled(DemoDevice device) {
    return device(device)
        .filter(state -> withinBudget(state, windowsAtRung(state).size()))
        .isPresent();
  }

  /** Windows in a row, up to the last, that a device reported at the rung that it serves now. */
  private List<Window> windowsAtRung(Device state) {
    List<Window> all = windows.getOrDefault(state.getName(), List.of());
    int first = all.size();
    while (first > 0 && all.get(first - 1).getRung() == state.getReportedRung()) {
      first--;
    }
    return all.subList(first, all.size());
  }

  /** Share of the labelled requests that a device answered right since it serves its rung, 0..1. */
  double accuracy(Device state) {
    List<Window> since = windowsAtRung(state);
    long labelled = since.stream().mapToLong(Window::getLabelled).sum();
    long correct = since.stream().mapToLong(Window::getCorrect).sum();
    return labelled == 0 ? 0 : (double) correct / labelled;
  }

  private static boolean withinBudget(Device state, int windowsAtRung) {
    return state.getOnline()
        && state.getReportedRung() > 0
        && state.getDesiredRung() == state.getReportedRung()
        && windowsAtRung > FIRST_TELLING_WINDOW
        && isWithinBudget(state);
  }

  /** Whether the last window's request p95 keeps the budget in force. */
  static boolean isWithinBudget(Device state) {
    return state.getLastWindow().getRequest().getCount() > 0
        && state.getLastWindow().getRequest().getP95Ns() <= state.getBudget().getP95LatencyNs();
  }

  /** Decisions after the first assignment that went up. */
  long promotions() {
    return moves().stream().filter(move -> move.getToRung() > move.getFromRung()).count();
  }

  /** Decisions after the first assignment that went down. */
  long demotions() {
    return moves().stream().filter(move -> move.getToRung() < move.getFromRung()).count();
  }

  private List<Decision> moves() {
    return devices.values().stream()
        .flatMap(device -> device.getDecisionsList().stream())
        .filter(decision -> decision.getFromRung() > 0)
        .toList();
  }

  /** How many different rungs are served. */
  long differentRungs() {
    return devices.values().stream().map(Device::getReportedRung).distinct().count();
  }
}
