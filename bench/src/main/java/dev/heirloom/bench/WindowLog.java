package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.proto.v1.Decision;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Window;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Every window of a fleet's devices as a dashboard sees them, with what was desired then. */
final class WindowLog {
  private static final Duration LOOK_EVERY = Duration.ofMillis(300);

  /**
   * A window, and the device when it was told.
   *
   * @param device as it was when the window was the newest, decisions that it caused included
   */
  record Seen(Window window, Device device) {
    boolean measured() {
      return window.getRequest().getCount() > 0 && !window.getLate();
    }

    boolean within() {
      return window.getRequest().getP95Ns() <= device.getBudget().getP95LatencyNs();
    }
  }

  private final Run run;
  private final DemoFleet fleet;
  private final DeviceWatch watch;
  private final Map<String, Device> devices = new LinkedHashMap<>();
  private final Map<String, List<Seen>> windows = new LinkedHashMap<>();

  WindowLog(Run run, DemoFleet fleet, DeviceWatch watch) {
    this.run = run;
    this.fleet = fleet;
    this.watch = watch;
  }

  /** The measured windows of a device, oldest first. */
  List<Seen> of(String device) {
    return windows.getOrDefault(device, List.of());
  }

  /** Rung that a device shall serve; 0 where it is not known yet. */
  int desiredRung(String name) {
    Device device = devices.get(name);
    return device == null ? 0 : device.getDesiredRung();
  }

  /** Rung and p95 in ms of a device's windows, and why it was moved, for people. */
  String account(String name, int from, int calmFrom) {
    StringBuilder text = new StringBuilder();
    List<Seen> all = of(name);
    long decision = 0;
    for (int i = from; i < all.size(); i++) {
      Window window = all.get(i).window();
      text.append(i == calmFrom ? " | calm:" : "")
          .append(" %d@%.1f".formatted(window.getRung(), window.getRequest().getP95Ns() / 1e6));
      List<Decision> decisions = all.get(i).device().getDecisionsList();
      if (!decisions.isEmpty() && decisions.get(decisions.size() - 1).getDecision() != decision) {
        Decision newest = decisions.get(decisions.size() - 1);
        text.append(decision == 0 ? "" : " [" + newest.getReason() + "]");
        decision = newest.getDecision();
      }
    }
    return text.toString();
  }

  /**
   * Watches until something has come true.
   *
   * @return whether it has, in time
   */
  boolean until(Duration patience, BooleanSupplier reached)
      throws IOException, CommandException, ControlPlaneException, InterruptedException {
    long startNs = System.nanoTime();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() - startNs > patience.toNanos()) {
        return false;
      }
      run.check();
      fleet.checkAgents();
      Device change = watch.next(LOOK_EVERY);
      if (change != null) {
        add(change);
      }
    }
    return true;
  }

  private void add(Device device) {
    devices.put(device.getName(), device);
    if (!device.hasLastWindow()) {
      return;
    }
    List<Seen> seen = windows.computeIfAbsent(device.getName(), name -> new ArrayList<>());
    Seen newest = new Seen(device.getLastWindow(), device);
    boolean known =
        !seen.isEmpty()
            && seen.get(seen.size() - 1).window().getSequence() >= newest.window().getSequence();
    if (!known && newest.measured()) {
      seen.add(newest);
    }
  }
}
