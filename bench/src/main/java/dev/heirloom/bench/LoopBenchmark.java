package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.demo.Budgets;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.family.Family;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long the loop takes from what an operator asks for to a fleet that does it: one control
 * plane, one agent in a process of its own that serves a stream, over loopback.
 *
 * <p>One measurement: a latency budget is set that the rung in service does not keep (or one that
 * leaves room for the top rung again); the time runs from just before that call to the arrival, on
 * {@code Fleet.Watch}, of the first window that the device reports from another rung than before.
 * It holds the decision, the journal, the delivery of what is missing, assembly, the self-test, the
 * swap, the rest of a window and one whole window of 500 ms. Budgets are cut and restored in turn.
 *
 * <p>Figures, in milliseconds: {@code window_to_new_rung_ms_p50} and {@code _p95} over all
 * measurements, {@code demotion_ms_p50} and {@code promotion_ms_p50} over those of one direction.
 */
final class LoopBenchmark implements Benchmark {
  private static final int FULL_ROUNDS = 20;
  private static final int QUICK_ROUNDS = 4;
  private static final Duration WINDOW = Duration.ofMillis(500);
  private static final int TELLING_WINDOWS = 3;
  private static final String DEVICE = "bench-device";

  @Override
  public String name() {
    return "loop";
  }

  @Override
  public String description() {
    return "time from a changed budget to the first window from the new rung";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("window_to_new_rung_ms_p50", 2000),
        Goal.atMost("window_to_new_rung_ms_p95", 3000));
  }

  @Override
  public Figures run(Run run) throws Exception {
    Family family = UntrainedShapes.inherit(run);
    Budgets budgets = new Budgets(family.ladder());
    try (DemoFleet fleet = DemoFleet.start(run.directory());
        DeviceWatch watch = fleet.client().watch()) {
      fleet.publish(family);
      fleet.startAgent(
          DEVICE,
          UntrainedShapes.STREAM,
          WINDOW,
          List.of("--p95-budget", budgets.roomyNs() / 1000 + "us"));
      Loop loop = new Loop(fleet, new Watched(run, fleet, watch));
      int top = family.ladder().size();
      long cutNs = budgets.roomForNs(1, loop.p95Ns(1), loop.p95Ns(top));
      List<Double> demotionsMs = new ArrayList<>();
      List<Double> promotionsMs = new ArrayList<>();
      for (int round = 0; round < (run.quick() ? QUICK_ROUNDS : FULL_ROUNDS); round++) {
        demotionsMs.add(loop.change(cutNs));
        promotionsMs.add(loop.change(budgets.roomyNs()));
        loop.p95Ns(top);
      }
      List<Double> all = new ArrayList<>(demotionsMs);
      all.addAll(promotionsMs);
      return Figures.none()
          .withPercentile("window_to_new_rung_ms_p50", 0.5, all)
          .withPercentile("window_to_new_rung_ms_p95", 0.95, all)
          .withPercentile("demotion_ms_p50", 0.5, demotionsMs)
          .withPercentile("promotion_ms_p50", 0.5, promotionsMs);
    }
  }

  /** The device under measurement. */
  private record Loop(DemoFleet fleet, Watched watched) {

    /** Waits until the device has reported some windows from a rung; their request p95s in ns. */
    List<Long> p95Ns(int rung)
        throws IOException, CommandException, ControlPlaneException, InterruptedException {
      List<Long> seen = new ArrayList<>();
      while (seen.size() < TELLING_WINDOWS) {
        Window window =
            watched
                .await("windows from rung " + rung, device -> device.getReportedRung() == rung)
                .getLastWindow();
        if (window.getRung() == rung && window.getRequest().getCount() > 0) {
          seen.add(window.getRequest().getP95Ns());
        }
      }
      return seen.subList(1, seen.size());
    }

    /** Sets a budget; the time in ms to the first window from another rung. */
    double change(long budgetNs)
        throws IOException, CommandException, ControlPlaneException, InterruptedException {
      int before = watched.await("a window", Device::hasLastWindow).getLastWindow().getRung();
      long startNs = System.nanoTime();
      fleet.setBudget(DEVICE, budgetNs);
      watched.await(
          "a window from another rung than " + before,
          device -> device.hasLastWindow() && device.getLastWindow().getRung() != before);
      return (System.nanoTime() - startNs) / 1e6;
    }
  }
}
