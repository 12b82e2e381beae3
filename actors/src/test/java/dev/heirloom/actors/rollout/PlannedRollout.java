package dev.heirloom.actors.rollout;

import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.WindowReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/** A rollout's planning without its actor, over devices that the test plays; one step a second. */
final class PlannedRollout {
  static final PublishedFamily OLD = Fixtures.family("digits", "1", 3);
  static final PublishedFamily NEW = Fixtures.family("digits", "2", 3);
  static final Gates GATES = new Gates(0.9, 0.02, 1.25, 0.1, 10, 400);
  static final Pace PACE = new Pace(60_000, 30_000, 20_000, 120_000, 2);
  static final long SEED = 7;

  final List<RolloutEvent> events = new ArrayList<>();
  final Map<String, Sight> devices = new HashMap<>();
  final Map<String, String> refusals = new HashMap<>();
  final Set<String> released = new HashSet<>();
  final Set<String> gone = new HashSet<>();

  /** Devices that measure nothing: nobody asks anything of them. */
  final Set<String> idle = new HashSet<>();

  Instant since = Instant.EPOCH;
  String current = OLD.manifest().hex();
  Instant now = Instant.parse("2026-01-01T12:00:00Z");
  RolloutState.Known known;
  String waits = "";
  double accuracy = 0.9;
  double p95Ms = 2;
  double confidence = 0.9;
  int rung = 2;
  private final Random random = new Random(SEED);
  private long sequence;

  PlannedRollout(int devices, List<GroupSize> groups, Gates gates, MaintenanceWindow... windows) {
    List<Grouping.Candidate> candidates =
        IntStream.range(0, devices)
            .mapToObj(i -> new Grouping.Candidate("d" + i, i % 5 == 0 ? "slow" : "fast"))
            .toList();
    candidates.forEach(candidate -> serves(candidate.name(), candidate.deviceClass(), OLD));
    RolloutPlan plan =
        new RolloutPlan(
            "digits",
            NEW.manifest().hex(),
            OLD.manifest().hex(),
            Map.of(),
            groups,
            gates,
            PACE,
            List.of(windows));
    known =
        RolloutState.Known.of(
            new RolloutEvent.Created(
                now.toEpochMilli(),
                "spring",
                plan,
                Grouping.group(candidates, groups, now.toEpochMilli())));
  }

  PlannedRollout(int devices) {
    this(devices, List.of(new GroupSize(5, false), new GroupSize(20, true)), GATES);
  }

  void serves(String device, String deviceClass, PublishedFamily version) {
    devices.put(device, sight(deviceClass, true, version, List.of()));
  }

  static Sight sight(
      String deviceClass, boolean online, PublishedFamily version, List<Sight.Timed> outcomes) {
    String hex = version.manifest().hex();
    return new Sight(online, "digits", deviceClass, hex, true, hex, Optional.empty(), outcomes);
  }

  /** How a device that is there is seen. */
  Sight sight(String device) {
    return Objects.requireNonNull(devices.get(device), device);
  }

  /** How the attempt of a device ended. */
  AttemptEnd attempt(String device) {
    return Objects.requireNonNull(known.attempts().get(device), device);
  }

  void offline(String device) {
    Sight was = sight(device);
    devices.put(device, sight(was.deviceClass(), false, OLD, List.of()));
  }

  /** The device is offline with the target. */
  void leaves(String device) {
    Sight was = sight(device);
    devices.put(device, sight(was.deviceClass(), false, NEW, List.of()));
  }

  void quarantined(String device) {
    Sight was = sight(device);
    devices.put(
        device,
        new Sight(
            was.online(),
            was.family(),
            was.deviceClass(),
            was.desired(),
            was.settled(),
            was.serves(),
            Optional.of("an operator quarantined it: hot"),
            was.outcomes()));
  }

  void removed(String device) {
    devices.remove(device);
    gone.add(device);
  }

  /** The device failed to install the target, so often. */
  void fails(String device, int times) {
    Sight was = sight(device);
    Sight.Timed failed =
        new Sight.Timed(
            now,
            new Outcome(
                1, "digits", NEW.manifest(), 1, false, "golden-outputs", "off", 0, 0, 0, 0));
    devices.put(
        device,
        sight(
            was.deviceClass(),
            true,
            OLD,
            IntStream.range(0, times).mapToObj(i -> failed).toList()));
  }

  /** Devices do what they are told, and measure. */
  void play() {
    for (Member member : known.members()) {
      Sight sight = devices.get(member.name());
      if (sight == null || !sight.online() || sight.quarantine().isPresent()) {
        continue;
      }
      boolean told = known.told(member) && known.phase() == Phase.RUNNING;
      boolean given =
          known
              .attempt(member)
              .filter(end -> end.result() != AttemptEnd.Result.INSTALLED)
              .isPresent();
      boolean takes = told && !given && sight.outcomes().isEmpty();
      boolean leaves = given || known.phase() == Phase.RETURNING;
      if (takes || leaves) {
        devices.put(
            member.name(), sight(sight.deviceClass(), true, takes ? NEW : OLD, sight.outcomes()));
      }
      measure(member, sight(member.name()).serves().equals(NEW.manifest().hex()));
    }
    if (known.phase() == Phase.RETURNING || known.phase() == Phase.PROMOTING) {
      known.told().forEach(member -> released.add(member.name()));
    }
    if (known.phase() == Phase.PROMOTING) {
      current = NEW.manifest().hex();
    }
  }

  private void measure(Member member, boolean target) {
    if (idle.contains(member.name())) {
      return;
    }
    int labels = 40;
    double share = target ? accuracy : 0.9;
    int correct = (int) IntStream.range(0, labels).filter(i -> random.nextDouble() < share).count();
    double ms = (target ? p95Ms : 2) * (0.95 + 0.1 * random.nextDouble());
    WindowReport window = Fixtures.window(++sequence, target ? NEW : OLD, rung, ms);
    WindowReport seen = Fixtures.seen(window, labels, correct, target ? confidence : 0.9, 0.3);
    apply(
        new RolloutEvent.EvidenceRecorded(
            now.toEpochMilli(), List.of(known.evidenceOf(member.name()).with(seen, target))));
  }

  void look() {
    Step step = RolloutPlanner.next(known, seen());
    waits = step.waits();
    step.events()
        .forEach(
            event -> {
              events.add(event);
              apply(event);
            });
    now = now.plus(Duration.ofSeconds(1));
  }

  List<GateFinding> findings() {
    return RolloutPlanner.findings(known, seen());
  }

  private Observations seen() {
    return new Observations(
        now, since, devices, gone, refusals, released, current, Optional.of(NEW.ladder()));
  }

  /** Plays and looks, second after second. */
  PlannedRollout run(int seconds) {
    for (int i = 0; i < seconds && !known.phase().over(); i++) {
      play();
      look();
    }
    return this;
  }

  private void apply(RolloutEvent event) {
    known = on(event);
  }

  private RolloutState.Known on(RolloutEvent event) {
    if (event instanceof RolloutEvent.Joined e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.EvidenceRecorded e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.InstallationBegun e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.AttemptsEnded e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.SoakBegun e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.GroupPassed e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.PromotionBegun e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.Completed e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.Paused e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.Resumed e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.Turned e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.Ended e) {
      return known.on(e);
    }
    if (event instanceof RolloutEvent.Retried e) {
      return known.on(e);
    }
    throw new AssertionError("unexpected: " + event);
  }

  void decide(RolloutEvent event) {
    apply(event);
  }

  String why() {
    return known.log().stream().map(LogEntry::reason).reduce("", (a, b) -> a + "\n" + b);
  }
}
