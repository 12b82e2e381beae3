package dev.heirloom.actors.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.heirloom.actors.adaptation.HeadroomPolicy;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.ListCatalogue;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.prior.ClassPriors;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.twin.Hello;
import dev.heirloom.actors.twin.ToDevice;
import dev.heirloom.actors.twin.TwinPorts;
import dev.heirloom.actors.twin.Welcome;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.runtime.family.Digest;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A rollout with real twins and a journal in memory; devices install at once what they are told.
 */
class RolloutTest {
  private static final PublishedFamily OLD = Fixtures.family("digits", "1", 3);
  private static final PublishedFamily NEW = Fixtures.family("digits", "2", 3);
  private static final Gates INSTALLED =
      new Gates(0.9, Gates.ABSENT, Gates.ABSENT, Gates.ABSENT, 2, 2);
  private static final Pace QUICK = new Pace(5000, 5000, 0, 5000, 1);

  private final ActorTestKit kit =
      ActorTestKit.create(
          "rollout",
          ConfigFactory.parseString(
                  """
                  pekko.loglevel = WARNING
                  pekko.persistence.testkit.events.serialize = off
                  pekko.persistence.testkit.snapshots.serialize = off
                  """)
              .withFallback(PersistenceTestKitPlugin.config())
              .withFallback(PersistenceTestKitSnapshotPlugin.config())
              .withFallback(ConfigFactory.load()));
  private final ListCatalogue catalogue = new ListCatalogue();
  private final ActorRef<Topic.Command<DeviceStatus>> devices =
      kit.spawn(Topic.create(DeviceStatus.class, "devices"));
  private final ActorRef<Topic.Command<RolloutStatus>> rollouts =
      kit.spawn(Topic.create(RolloutStatus.class, "rollouts"));
  private final ActorRef<ClassPriors.Command> priors = kit.spawn(ClassPriors.create());
  private final Map<String, ActorRef<DeviceTwin.Command>> twins = new ConcurrentHashMap<>();
  private final Set<String> broken = ConcurrentHashMap.newKeySet();
  private final ActorRef<FleetView.Command> view = kit.spawn(FleetView.create(devices, twins::get));
  private final TestProbe<StatusReply<RolloutStatus>> replies = kit.createTestProbe();
  private final TestProbe<RolloutStatus> statuses = kit.createTestProbe();
  private final RolloutPorts ports =
      new RolloutPorts(
          catalogue,
          new Versions() {
            @Override
            public CompletionStage<Done> permit(Digest manifest) {
              return CompletableFuture.completedFuture(Done.getInstance());
            }

            @Override
            public CompletionStage<Done> makeCurrent(Digest manifest, Digest before) {
              catalogue.makeCurrent(catalogue.find(manifest).orElseThrow());
              return CompletableFuture.completedFuture(Done.getInstance());
            }
          },
          view,
          twins::get,
          rollouts,
          Clock.systemUTC(),
          () -> 1,
          Duration.ofMillis(5),
          Duration.ofMillis(20));

  RolloutTest() {
    catalogue.publish(OLD);
    catalogue.hold(NEW);
    rollouts.tell(Topic.subscribe(statuses.getRef()));
    for (int i = 0; i < 10; i++) {
      device("cam-" + i, OLD);
    }
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private void device(String name, PublishedFamily first) {
    ActorRef<DeviceTwin.Command> twin =
        kit.spawn(
            DeviceTwin.create(
                PersistenceId.of("DeviceTwin", name),
                new TwinPorts(
                    catalogue,
                    new HeadroomPolicy(),
                    priors,
                    devices,
                    Clock.systemUTC(),
                    () -> 1,
                    Duration.ofSeconds(10),
                    () -> BudgetRules.NONE)));
    twins.put(name, twin);
    TestProbe<StatusReply<DeviceStatus>> enrolled = kit.createTestProbe();
    twin.tell(new DeviceTwin.Enrol(Fixtures.PROFILE, enrolled.getRef()));
    enrolled.receiveMessage();
    ActorRef<ToDevice> session =
        kit.spawn(
            Behaviors.receiveMessage(
                order -> {
                  if (order instanceof ToDevice.Assign assign) {
                    twin.tell(new DeviceTwin.ReportOutcome(outcome(name, assign)));
                  }
                  return Behaviors.same();
                }));
    TestProbe<StatusReply<Welcome>> connected = kit.createTestProbe();
    Hello hello = new Hello(Fixtures.PROFILE, Budget.NONE, "", Optional.empty(), 0, 1, 0);
    twin.tell(new DeviceTwin.Connect(hello, session, connected.getRef()));
    connected.receiveMessage();
    until(name, status -> serves(status, first));
  }

  private Outcome outcome(String name, ToDevice.Assign assign) {
    boolean good = !(broken.contains(name) && assign.manifest().equals(NEW.manifest()));
    return new Outcome(
        assign.decision(),
        assign.family(),
        assign.manifest(),
        assign.rung(),
        good,
        good ? "" : "golden-outputs",
        "",
        0,
        0,
        0,
        0);
  }

  private static boolean serves(DeviceStatus status, PublishedFamily version) {
    return status.reportedManifest().filter(version.manifest()::equals).isPresent();
  }

  private ActorRef<DeviceTwin.Command> twin(String name) {
    return Objects.requireNonNull(twins.get(name), name);
  }

  private DeviceStatus until(String name, Predicate<DeviceStatus> holds) {
    TestProbe<StatusReply<DeviceStatus>> probe = kit.createTestProbe();
    return probe.awaitAssert(
        () -> {
          twin(name).tell(new DeviceTwin.GetStatus(probe.getRef()));
          DeviceStatus status = probe.receiveMessage().getValue();
          assertThat(holds.test(status)).as(status.toString()).isTrue();
          return status;
        });
  }

  private ActorRef<Rollout.Command> spawn(String name) {
    return kit.spawn(Rollout.create(PersistenceId.of("Rollout", name), ports));
  }

  private static RolloutPlan plan() {
    return new RolloutPlan(
        "digits",
        NEW.manifest().hex(),
        OLD.manifest().hex(),
        Map.of(),
        List.of(new GroupSize(2, false), new GroupSize(50, true)),
        INSTALLED,
        QUICK,
        List.of());
  }

  private static Map<String, String> names(int from, int to) {
    return IntStream.range(from, to)
        .boxed()
        .collect(Collectors.toMap(i -> "cam-" + i, i -> Fixtures.PROFILE.deviceClass()));
  }

  private StatusReply<RolloutStatus> ask(
      ActorRef<Rollout.Command> rollout,
      Function<ActorRef<StatusReply<RolloutStatus>>, Rollout.Command> command) {
    rollout.tell(command.apply(replies.getRef()));
    return replies.receiveMessage();
  }

  private RolloutStatus until(Phase phase) {
    RolloutStatus status = statuses.receiveMessage();
    while (status.phase() != phase) {
      status = statuses.receiveMessage();
    }
    return status;
  }

  @Test
  void bringsEveryDeviceToTheTargetAndMakesItCurrent() {
    ActorRef<Rollout.Command> rollout = spawn("spring");
    ask(rollout, replyTo -> new Rollout.Create(plan(), names(0, 10), replyTo));

    RolloutStatus done = until(Phase.COMPLETED);

    assertThat(done.touched()).isEqualTo(10);
    assertThat(catalogue.current("digits")).contains(NEW);
    twins.keySet().forEach(name -> until(name, status -> serves(status, NEW)));
    device("new", NEW);
  }

  @Test
  void goesOnAfterEachRestart() {
    ActorRef<Rollout.Command> rollout = spawn("spring");
    ask(rollout, replyTo -> new Rollout.Create(plan(), names(0, 10), replyTo));
    RolloutStatus status = statuses.receiveMessage();
    int restarts = 0;
    while (status.phase() != Phase.COMPLETED) {
      if (restarts < 15) {
        restarts++;
        kit.stop(rollout);
        rollout = spawn("spring");
      }
      status = statuses.receiveMessage();
    }

    assertThat(restarts).isGreaterThan(5);
    assertThat(status.touched()).isEqualTo(10);
    twins.keySet().forEach(name -> until(name, device -> serves(device, NEW)));
  }

  @Test
  void bringsEverybodyBackWhereInstallationsFail() {
    broken.addAll(List.of("cam-1", "cam-3", "cam-5", "cam-7", "cam-9", "cam-0", "cam-2", "cam-4"));
    ActorRef<Rollout.Command> rollout = spawn("spring");
    ask(rollout, replyTo -> new Rollout.Create(plan(), names(0, 10), replyTo));

    RolloutStatus halted = until(Phase.HALTED);

    assertThat(halted.touched()).isEqualTo(2);
    assertThat(halted.back()).isEqualTo(2);
    assertThat(catalogue.current("digits")).contains(OLD);
    twins.keySet().forEach(name -> until(name, status -> serves(status, OLD)));
    broken.clear();
    ask(rollout, Rollout.Retry::new);
    until(Phase.COMPLETED);
    twins.keySet().forEach(name -> until(name, status -> serves(status, NEW)));
  }

  @Test
  void bringsEverybodyBackWhereAnOperatorGivesItUp() {
    RolloutPlan slow =
        new RolloutPlan(
            "digits",
            NEW.manifest().hex(),
            OLD.manifest().hex(),
            Map.of(),
            List.of(new GroupSize(5, false)),
            INSTALLED,
            new Pace(5000, 5000, 100_000, 200_000, 1),
            List.of());
    ActorRef<Rollout.Command> rollout = spawn("spring");
    ask(rollout, replyTo -> new Rollout.Create(slow, names(0, 10), replyTo));
    RolloutStatus status = statuses.receiveMessage();
    while (status.stage() != Stage.SOAKING) {
      status = statuses.receiveMessage();
    }
    assertThat(ask(rollout, Rollout.Pause::new).getValue().paused()).isTrue();
    assertThat(ask(rollout, Rollout.Resume::new).getValue().paused()).isFalse();
    ask(rollout, Rollout.Abort::new);

    RolloutStatus aborted = until(Phase.ABORTED);

    assertThat(aborted.back()).isEqualTo(5);
    twins.keySet().forEach(name -> until(name, device -> serves(device, OLD)));
    assertThat(ask(rollout, Rollout.Pause::new).getError())
        .hasMessage("rollout spring cannot be paused: it is aborted");
  }

  @Test
  void leavesDevicesToTheRolloutThatHasThem() {
    TestProbe<StatusReply<DeviceStatus>> twin = kit.createTestProbe();
    twin("cam-3").tell(new DeviceTwin.Enlist("autumn", NEW.manifest(), "first", twin.getRef()));
    twin.receiveMessage();
    until("cam-3", status -> serves(status, NEW));
    ActorRef<Rollout.Command> rollout = spawn("spring");
    ask(rollout, replyTo -> new Rollout.Create(plan(), names(2, 6), replyTo));

    RolloutStatus done = until(Phase.COMPLETED);

    assertThat(done.attempts())
        .extracting(AttemptEnd::device, AttemptEnd::reason)
        .contains(
            org.assertj.core.groups.Tuple.tuple("cam-3", "device cam-3: it is in rollout autumn"));
  }

  @Test
  void refusesWhatItCannotDo() {
    ActorRef<Rollout.Command> rollout = spawn("spring");
    assertThat(ask(rollout, Rollout.Abort::new).getError())
        .hasMessage("there is no rollout spring");
    assertThat(ask(rollout, replyTo -> new Rollout.Create(plan(), Map.of(), replyTo)).getError())
        .hasMessageContaining("no device of digits");
    ask(rollout, replyTo -> new Rollout.Create(plan(), names(0, 10), replyTo));
    assertThat(
            ask(rollout, replyTo -> new Rollout.Create(plan(), names(0, 10), replyTo)).getError())
        .hasMessageContaining("there is a rollout spring already");
    until(Phase.COMPLETED);
    for (Function<ActorRef<StatusReply<RolloutStatus>>, Rollout.Command> command :
        List.<Function<ActorRef<StatusReply<RolloutStatus>>, Rollout.Command>>of(
            Rollout.Pause::new, Rollout.Resume::new, Rollout.Abort::new, Rollout.Retry::new)) {
      assertThat(ask(rollout, command).getError()).hasMessageContaining("it is completed");
    }
    assertThat(ask(rollout, Rollout.GetStatus::new).isSuccess()).isTrue();
  }

  @Test
  void namesEveryPersistedType() {
    Stream<Class<?>> events = Arrays.stream(RolloutEvent.class.getPermittedSubclasses());
    Stream<Class<?>> states = Arrays.stream(RolloutState.class.getPermittedSubclasses());

    assertThat(RolloutSerializable.NAMES.values())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(events, states)
                .map(type -> type.<RolloutSerializable>asSubclass(RolloutSerializable.class))
                .toList());
  }
}
