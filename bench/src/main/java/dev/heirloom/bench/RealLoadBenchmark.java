package dev.heirloom.bench;

import java.util.List;

/**
 * A control plane and agents in processes of their own, under what devices meet in the field: other
 * programs that take the processors, and inputs that change.
 *
 * <p>Load: four agents with one and two threads serve a family whose rungs take milliseconds. Each
 * has a latency budget of 1.4 times what it measured at a rung below the top one while nothing else
 * ran. Then another process burns one core for 12 windows, and stops. {@code recovery_windows}: the
 * most windows that a device took from the first one over its budget to the first within it at the
 * rung decided; {@code affected_devices}: devices that were over budget at all; {@code
 * worst_overrun_ratio}: the largest p95 over a budget; {@code climbed_back}: share of the devices
 * that served at least their earlier rung less one again, within their budget, at most 40 windows
 * after the load, {@code climb_windows} the most that one took.
 *
 * <p>Drift: two agents are asked about pictures that get noisier, and hear the labels; one has room
 * for every rung, the other for the smallest only. The least accuracy that is asked of them lies
 * eight points under what they had in the field at first. {@code silent_windows}: windows in which
 * the field accuracy was under that for more than three windows in a row, without a promotion or a
 * flag since; {@code under_floor_windows}: all that were under it; {@code flagged_devices}.
 */
final class RealLoadBenchmark implements Benchmark {
  @Override
  public String name() {
    return "real-load";
  }

  @Override
  public String description() {
    return "agents under a load that comes and goes, and with inputs that drift";
  }

  @Override
  public List<Goal> goals() {
    return List.of(
        Goal.atMost("recovery_windows", 3),
        Goal.atLeast("climbed_back", 1),
        Goal.atMost("silent_windows", 0));
  }

  @Override
  public Figures run(Run run) throws Exception {
    return LoadTrial.run(run, run.directory().resolve("load"))
        .with(DriftTrial.run(run, run.directory().resolve("drift")));
  }
}
