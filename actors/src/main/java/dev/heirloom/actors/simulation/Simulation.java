package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.runtime.family.Ladder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * One fleet under one strategy: every device lives through a window before any lives through the
 * next, on the calling thread, so that what devices learn from one another is always the same.
 * Equal seeds make equal fleets, whatever the strategy.
 */
public final class Simulation {

  private static final int PIONEERS_FROM = 1 << 24;

  private final Scenario scenario;
  private final Ladder ladder;
  private final List<SimulatedDevice> devices = new ArrayList<>();
  private final List<SimulatedDevice> pioneers = new ArrayList<>();

  /** A fleet before its first window. */
  public Simulation(Scenario scenario, long seed, Strategy strategy) {
    this.scenario = scenario;
    this.ladder = Probing.timed(scenario.ladder());
    Strategy.Field field = strategy.begin();
    List<ClassTruth> classes = new ArrayList<>();
    for (int i = 0; i < scenario.classes(); i++) {
      classes.add(ClassTruth.draw(scenario, seed, i));
    }
    for (int i = 0; i < scenario.devices(); i++) {
      devices.add(device(seed, i, i, classes.get(i % classes.size()), field));
    }
    int seen = scenario.classes() - scenario.unseen();
    for (int i = 0; i < seen * scenario.pioneers(); i++) {
      pioneers.add(device(seed, -1, PIONEERS_FROM + i, classes.get(i % seen), field));
    }
  }

  private SimulatedDevice device(
      long seed, int number, int index, ClassTruth ofClass, Strategy.Field field) {
    boolean pioneer = number < 0;
    DeviceTraits traits = DeviceTraits.draw(scenario, seed, index, ofClass, pioneer);
    DeviceSight sight =
        new DeviceSight(
            (pioneer ? "pioneer-" : "device-") + index,
            ladder,
            new DeviceProfile(ofClass.name, 4, 0, List.of(), Map.of(), "", 1, traits.probes),
            new Budget(traits.budgetNs, 0, 0, 0),
            pioneer);
    DeviceTruth truth = new DeviceTruth(scenario, seed, index, traits);
    return new SimulatedDevice(scenario, number, truth, field.contender(sight));
  }

  /**
   * Runs to the end; to be called once.
   *
   * @param cancelled asked once a window
   * @throws CancellationException if it said yes
   */
  public void run(Watcher watcher, BooleanSupplier cancelled) {
    for (int window = -scenario.windowsBefore(); window < scenario.windows(); window++) {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException();
      }
      for (SimulatedDevice pioneer : pioneers) {
        pioneer.window(window);
      }
      for (SimulatedDevice device : devices) {
        device.window(window).ifPresent(watcher::saw);
      }
    }
  }
}
