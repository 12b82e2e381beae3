package dev.heirloom.bench;

import dev.heirloom.control.cli.CommandException;
import dev.heirloom.control.cli.grpc.ControlPlaneClient.DeviceWatch;
import dev.heirloom.control.demo.DemoFleet;
import dev.heirloom.runtime.family.Ladder;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Devices on one machine with a load that comes and goes. */
final class LoadTrial {
  private final Run run;
  private final LoadFleet devices;
  private final WindowLog log;

  private LoadTrial(Run run, LoadFleet devices, WindowLog log) {
    this.run = run;
    this.devices = devices;
    this.log = log;
  }

  static Figures run(Run run, Path directory) throws Exception {
    HeavyFamily heavy = HeavyFamily.inherit(run, directory);
    Ladder ladder = heavy.family().ladder();
    run.say()
        .accept(
            "%d rungs, %.1f to %.1f ms"
                .formatted(
                    ladder.size(),
                    ladder.rung(1).latencyP50Ns() / 1e6,
                    ladder.top().latencyP50Ns() / 1e6));
    try (DemoFleet fleet = DemoFleet.startApart(directory);
        DeviceWatch watch = fleet.client().watch()) {
      fleet.publish(heavy.family());
      WindowLog log = new WindowLog(run, fleet, watch);
      LoadFleet.Pace pace =
          (run.quick() ? LoadFleet.Pace.QUICK : LoadFleet.Pace.FULL)
              .suited(ladder.top().latencyP50Ns(), Runtime.getRuntime().availableProcessors());
      run.say()
          .accept("%d requests a second, windows of %s".formatted(pace.perSecond(), pace.window()));
      LoadFleet devices = new LoadFleet(fleet, log, pace);
      devices.start(heavy);
      devices.giveBudgets(run, ladder.size());
      return new LoadTrial(run, devices, log).loadAndCalm();
    }
  }

  /**
   * A device before the load.
   *
   * @param rung that it was to serve
   * @param windows that it had reported
   */
  private record Before(String name, int rung, int windows) {}

  private Figures loadAndCalm() throws Exception {
    List<Before> before =
        devices.places().stream()
            .map(LoadFleet.Place::name)
            .map(name -> new Before(name, log.desiredRung(name), log.of(name).size()))
            .toList();
    Figures figures = underLoad(before);
    run.say().accept("load off, at " + devices.rungs());
    List<Integer> loaded = before.stream().map(each -> log.of(each.name()).size()).toList();
    int lowest = before.stream().mapToInt(each -> log.desiredRung(each.name())).min().orElse(0);
    boolean all =
        log.until(
            devices.pace().windows(devices.pace().calm()),
            () -> climbs(before, loaded).stream().allMatch(OptionalInt::isPresent));
    List<OptionalInt> climbs = climbs(before, loaded);
    run.say().accept((all ? "all are back, at " : "not all are back, at ") + devices.rungs());
    for (int i = 0; i < before.size(); i++) {
      String name = before.get(i).name();
      run.say().accept(name + ": " + log.account(name, before.get(i).windows(), loaded.get(i)));
    }
    return figures
        .with(
            "climbed_back",
            (double) climbs.stream().filter(OptionalInt::isPresent).count() / climbs.size())
        .with("climb_windows", climbs.stream().flatMapToInt(OptionalInt::stream).max().orElse(0))
        .with("lowest_rung_under_load", lowest);
  }

  /**
   * Windows after the load until each device was back, within its budget and at most one rung below
   * where it was; empty for one that is not yet.
   */
  private List<OptionalInt> climbs(List<Before> before, List<Integer> loaded) {
    return IntStream.range(0, before.size())
        .mapToObj(
            i -> {
              List<WindowLog.Seen> all = log.of(before.get(i).name());
              int least = before.get(i).rung() - 1;
              return IntStream.range(loaded.get(i), all.size())
                  .filter(window -> all.get(window).within())
                  .filter(window -> all.get(window).window().getRung() >= least)
                  .map(window -> window + 1 - loaded.get(i))
                  .findFirst();
            })
        .toList();
  }

  private Figures underLoad(List<Before> before) throws Exception {
    int loaded = devices.pace().loaded();
    run.say().accept("load on, at " + devices.rungs());
    try (BusyProcess busy = BusyProcess.start(1)) {
      boolean seen =
          log.until(
              devices.pace().windows(3 * loaded),
              () ->
                  before.stream()
                      .allMatch(each -> log.of(each.name()).size() >= each.windows() + loaded));
      LoadFleet.require("every device reports under load", seen && busy.alive());
    }
    return recovery(before);
  }

  private Figures recovery(List<Before> before) throws CommandException {
    int worst = 0;
    int affected = 0;
    double overrun = 0;
    for (Before each : before) {
      List<WindowLog.Seen> all = log.of(each.name());
      Recovery recovery = Recovery.of(all.subList(each.windows(), all.size()));
      run.say().accept(each.name() + ": " + recovery);
      worst = Math.max(worst, recovery.worstWindows());
      affected += recovery.episodes() > 0 ? 1 : 0;
      overrun = Math.max(overrun, recovery.worstRatio());
    }
    LoadFleet.require("the load brings a device over its budget", affected > 0);
    return Figures.none()
        .with("recovery_windows", worst)
        .with("affected_devices", affected)
        .with("worst_overrun_ratio", overrun);
  }
}
