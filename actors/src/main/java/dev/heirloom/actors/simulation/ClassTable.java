package dev.heirloom.actors.simulation;

import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.runtime.family.RungFigures;
import java.util.HashMap;
import java.util.Map;

/**
 * A static table by device class: what a class takes at each rung is measured once, on the devices
 * that ran before the start; each device gets the most accurate rung that leaves a seventh of the
 * budget free, and keeps it. A class that is not in the table gets rung 1.
 */
final class ClassTable implements Strategy {

  private static final double SHARE_OF_BUDGET = 0.85;
  private static final int MEASURED_WINDOWS = 60;

  @Override
  public String name() {
    return "table";
  }

  @Override
  public String description() {
    return "a rung by class and budget, from what devices of the class measured before the start";
  }

  @Override
  public Field begin() {
    Map<String, Average> table = new HashMap<>();
    return device -> new Lookup(device, table);
  }

  private static final class Average {
    private double sum;
    private int count;
  }

  private static final class Lookup implements Contender {

    private final DeviceSight device;
    private final Map<String, Average> table;
    private int rung;
    private int measured;

    Lookup(DeviceSight device, Map<String, Average> table) {
      this.device = device;
      this.table = table;
    }

    @Override
    public int connected() {
      if (rung == 0) {
        rung = best();
      }
      return rung;
    }

    private int best() {
      Average average = table.get(device.profile().deviceClass());
      if (average == null) {
        return 1;
      }
      double ratio = Math.exp(average.sum / average.count);
      double limitNs = SHARE_OF_BUDGET * device.budget().p95LatencyNs();
      RungFigures best = device.ladder().rung(1);
      for (RungFigures figures : device.ladder().rungs()) {
        if (figures.latencyP50Ns() * ratio <= limitNs && figures.accuracy() > best.accuracy()) {
          best = figures;
        }
      }
      return best.rung();
    }

    @Override
    public int decide(WindowReport window) {
      if (device.pioneer()
          && measured < MEASURED_WINDOWS
          && window.request().count() >= Evidence.LEAST_REQUESTS) {
        measured++;
        Average average =
            table.computeIfAbsent(device.profile().deviceClass(), name -> new Average());
        double ladderNs = device.ladder().rung(window.rung()).latencyP50Ns();
        average.sum += Math.log(window.request().p95Ns() / ladderNs);
        average.count++;
      }
      return rung;
    }

    @Override
    public void learn(WindowReport window) {}
  }
}
