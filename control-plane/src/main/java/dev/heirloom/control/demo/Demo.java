package dev.heirloom.control.demo;

import dev.heirloom.control.StartException;
import dev.heirloom.control.cli.CloseableProgress;
import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.Context;
import dev.heirloom.control.cli.Figures;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.inheritance.CancelledException;
import dev.heirloom.inheritance.RefusedException;
import dev.heirloom.inheritance.training.TrainingException;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.family.Ladder;
import dev.heirloom.runtime.session.SessionException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The demo's story: a teacher is inherited; two devices start, learn how fast they are and rise to
 * the top rung; a third starts with a budget that leaves room for less; then the budget of the
 * second is cut. Every figure on the way is measured.
 */
final class Demo {
  private static final DemoFamily FAMILY = new DemoFamily(4, 6, 200, 200);
  private static final int STREAM_IMAGES = 400;
  private static final int REQUESTS_PER_SECOND = 30;
  private static final Duration WINDOW = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(168);
  private static final int TELLING_WINDOWS = 3;
  private static final Duration LOOK_EVERY = Duration.ofMillis(300);

  private final Context context;
  private final Path directory;
  private final FleetTable table;
  private final FleetState state = new FleetState();
  private final long startNs = System.nanoTime();

  Demo(Context context, Path directory) {
    this.context = context;
    this.directory = directory;
    this.table = new FleetTable(context.streams());
  }

  DemoReport run()
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          TrainingException,
          CancelledException,
          StartException,
          ControlPlaneException,
          CommandException,
          InterruptedException {
    return serve(inherit());
  }

  private DemoReport serve(Family family)
      throws IOException,
          MalformedException,
          StartException,
          ControlPlaneException,
          CommandException,
          InterruptedException {
    try (DemoFleet fleet = DemoFleet.start(directory);
        DeviceWatch watch = fleet.client().watch()) {
      fleet.publish(family);
      table.say("control plane with dashboard at " + fleet.dashboard());
      List<DemoDevice> devices = adapt(family.ladder(), fleet, watch);
      table.end();
      return new DemoReport(family, devices, state, fleet.dashboard(), seconds());
    }
  }

  private Family inherit()
      throws IOException,
          MalformedException,
          SessionException,
          RefusedException,
          TrainingException,
          CancelledException,
          CommandException {
    table.say("rendering shapes and inheriting the teacher that ships with this demo");
    Family family;
    try (CloseableProgress progress = context.progress()) {
      family = FAMILY.inherit(directory, progress);
    }
    table.say(
        "inherited in "
            + Figures.clock(seconds())
            + ": "
            + family.ladder().size()
            + " rungs, "
            + Figures.milliseconds(family.ladder().rung(1).latencyP50Ns())
            + " to "
            + Figures.milliseconds(family.ladder().top().latencyP50Ns()));
    if (family.ladder().size() < 2) {
      throw new CommandException(
          "only one rung is faster than the teacher here: there is nothing to choose from");
    }
    return family;
  }

  private List<DemoDevice> adapt(Ladder ladder, DemoFleet fleet, DeviceWatch watch)
      throws IOException, CommandException, ControlPlaneException, InterruptedException {
    Budgets budgets = new Budgets(ladder);
    int top = ladder.size();
    List<DemoDevice> devices = new ArrayList<>();
    List<DemoDevice> first = List.of(DemoDevice.ROOMY, DemoDevice.CUT);
    for (DemoDevice device : first) {
      start(fleet, device, budgets.roomyNs());
      devices.add(device);
    }
    follow(
        fleet,
        watch,
        "the first two devices measure their way to the top rung",
        () ->
            first.stream().allMatch(device -> state.settled(device))
                && !p95Ns(first, 1).isEmpty()
                && first.stream().noneMatch(device -> state.p95Ns(device, top).isEmpty()));

    start(fleet, DemoDevice.MIDDLE, budgets.roomForNs(top - 1, p95Ns(first, 1), p95Ns(first, top)));
    devices.add(DemoDevice.MIDDLE);
    follow(
        fleet,
        watch,
        "a third device settles within a budget below the top rung",
        () -> state.settled(DemoDevice.MIDDLE));

    long room = budgets.roomForNs(Math.max(1, top - 2), p95Ns(first, 1), p95Ns(first, top));
    cut(fleet, watch, budgets.roomyNs(), room, top);
    follow(
        fleet,
        watch,
        "every device settles within its budget, on different rungs",
        () ->
            devices.stream().allMatch(state::settled)
                && state.promotions() > 0
                && state.demotions() > 0
                && state.differentRungs() > 1);
    return devices;
  }

  /**
   * Cuts one device's budget until the device is demoted. What it measured before may have been
   * slower than what it measures now that the machine is calmer, so one cut need not be enough.
   */
  private void cut(DemoFleet fleet, DeviceWatch watch, long fromNs, long toNs, int top)
      throws IOException, CommandException, ControlPlaneException, InterruptedException {
    long before = fromNs;
    long after = toNs;
    while (state.demotions() == 0) {
      table.say(
          "the budget of "
              + DemoDevice.CUT.name()
              + " is cut from "
              + FleetTable.milliseconds(before)
              + " to "
              + FleetTable.milliseconds(after));
      fleet.setBudget(DemoDevice.CUT.name(), after);
      int told = state.windows(DemoDevice.CUT) + TELLING_WINDOWS;
      follow(
          fleet,
          watch,
          "the device has measured itself against the new budget",
          () -> state.demotions() > 0 || state.windows(DemoDevice.CUT) >= told);
      before = after;
      long smallest = state.p95Ns(DemoDevice.CUT, top).stream().min(Long::compare).orElse(after);
      after = Math.min(Math.round(0.9 * smallest), Math.round(0.9 * before));
    }
  }

  private List<Long> p95Ns(List<DemoDevice> devices, int rung) {
    return devices.stream().flatMap(device -> state.p95Ns(device, rung).stream()).toList();
  }

  private void start(DemoFleet fleet, DemoDevice device, long budgetNs) throws IOException {
    table.say(
        "starting "
            + device.name()
            + " ("
            + device.view()
            + "), p95 budget "
            + FleetTable.milliseconds(budgetNs));
    fleet.startAgent(
        device.name(),
        new DemoFleet.Stream(STREAM_IMAGES, device.seed(), device.view(), REQUESTS_PER_SECOND),
        WINDOW,
        List.of("--p95-budget", budgetNs / 1000 + "us", "--label", "view=" + device.view()));
  }

  /** Watches the fleet until something has come true. */
  private void follow(DemoFleet fleet, DeviceWatch watch, String what, BooleanSupplier reached)
      throws IOException, CommandException, ControlPlaneException, InterruptedException {
    while (!reached.getAsBoolean()) {
      if (context.interruption().requested()) {
        throw new InterruptedException();
      }
      if (seconds() > PATIENCE.toSeconds()) {
        throw new CommandException(
            "the demo ran out of time before this: " + what,
            "Is the machine busy? The latencies that it decides by are real.");
      }
      fleet.checkAgents();
      Device change = watch.next(LOOK_EVERY);
      if (change != null) {
        state.add(change);
        table.show(state.devices());
      }
    }
    table.say(what + ": done after " + Figures.clock(seconds()));
  }

  private long seconds() {
    return Duration.ofNanos(System.nanoTime() - startNs).toSeconds();
  }
}
