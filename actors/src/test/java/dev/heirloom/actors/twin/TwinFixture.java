package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.heirloom.actors.adaptation.HeadroomPolicy;
import dev.heirloom.actors.budget.BudgetRule;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceProfile;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.LatencySummary;
import dev.heirloom.actors.fleet.Limits;
import dev.heirloom.actors.fleet.ListCatalogue;
import dev.heirloom.actors.fleet.Outcome;
import dev.heirloom.actors.fleet.PublishedFamily;
import dev.heirloom.actors.fleet.Trial;
import dev.heirloom.actors.fleet.WindowReport;
import dev.heirloom.actors.prior.ClassPriors;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.apache.pekko.persistence.typed.PersistenceId;

/** One twin with a journal in memory, and a device that the test plays. */
final class TwinFixture implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final PublishedFamily FIRST = Fixtures.family("digits", "1", 6);
  static final PublishedFamily SECOND = Fixtures.family("digits", "2", 6);
  static final TrialTerms TERMS = new TrialTerms(0.1, 200, Duration.ofMinutes(1));
  static final long REPORTER = 4711;
  static final long INSTANCE = 12;
  static final Duration RETRY_DELAY = Duration.ofMillis(50);

  private static final PersistenceId ID = PersistenceId.of("DeviceTwin", "cam-1");

  final ActorTestKit kit = ActorTestKit.create("twin", config());
  final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
  final ListCatalogue catalogue = new ListCatalogue();
  final ActorRef<ClassPriors.Command> priors = kit.spawn(ClassPriors.create());
  final ActorRef<Topic.Command<DeviceStatus>> topic =
      kit.spawn(Topic.create(DeviceStatus.class, "statuses"));
  volatile BudgetRules rules = BudgetRules.NONE;
  final TwinPorts ports =
      new TwinPorts(
          catalogue,
          new HeadroomPolicy(),
          priors,
          topic,
          Clock.fixed(NOW, ZoneOffset.UTC),
          () -> 1,
          RETRY_DELAY,
          () -> rules);
  final TestProbe<StatusReply<DeviceStatus>> replies = kit.createTestProbe();
  ActorRef<DeviceTwin.Command> twin = kit.spawn(DeviceTwin.create(ID, ports));
  TestProbe<ToDevice> device = kit.createTestProbe();
  final TestProbe<ToDevice> taken = kit.createTestProbe();
  private long sequence = 1;

  static Config config() {
    return ConfigFactory.parseString(
            """
            pekko.loglevel = WARNING
            pekko.persistence.testkit.events.serialize = off
            pekko.persistence.testkit.snapshots.serialize = off
            """)
        .withFallback(PersistenceTestKitPlugin.config())
        .withFallback(PersistenceTestKitSnapshotPlugin.config())
        .withFallback(ConfigFactory.load());
  }

  /** Enrolled, connected with a budget of 10 ms, and serving rung 1 of {@link #FIRST}. */
  static TwinFixture serving() {
    TwinFixture fixture = new TwinFixture();
    fixture.catalogue.publish(FIRST);
    fixture.enrol();
    fixture.connect(10, Serving.NOTHING);
    fixture.installed(fixture.device.expectMessageClass(ToDevice.Assign.class));
    return fixture;
  }

  void enrol() {
    enrol(Fixtures.PROFILE);
  }

  void enrol(DeviceProfile profile) {
    twin.tell(new DeviceTwin.Enrol(profile, replies.getRef()));
    assertThat(replies.receiveMessage().isSuccess()).isTrue();
  }

  void connect(double budgetMs, Serving serving) {
    connect(Fixtures.budgetMs(budgetMs), "", serving);
  }

  void connect(Budget budget, String family, Serving serving) {
    TestProbe<StatusReply<Welcome>> replyTo = kit.createTestProbe();
    device = kit.createTestProbe();
    Hello hello =
        new Hello(
            Fixtures.PROFILE,
            budget,
            family,
            catalogue.all().stream()
                .map(PublishedFamily::manifest)
                .filter(manifest -> manifest.hex().equals(serving.manifest()))
                .findFirst(),
            serving.rung(),
            REPORTER,
            INSTANCE);
    twin.tell(new DeviceTwin.Connect(hello, device.getRef(), replyTo.getRef()));
    assertThat(replyTo.receiveMessage().isSuccess()).isTrue();
    device.expectMessageClass(ToDevice.BudgetInForce.class);
    device.expectMessageClass(ToDevice.WindowsTaken.class);
  }

  void installed(ToDevice.Assign assign) {
    twin.tell(new DeviceTwin.ReportOutcome(outcome(assign, true)));
  }

  void failed(ToDevice.Assign assign) {
    twin.tell(new DeviceTwin.ReportOutcome(outcome(assign, false)));
  }

  static Outcome outcome(ToDevice.Assign assign, boolean installed) {
    return new Outcome(
        assign.decision(),
        assign.family(),
        assign.manifest(),
        assign.rung(),
        installed,
        installed ? "" : "golden-outputs",
        installed ? "" : "differs by 0.5",
        1100,
        1000,
        20,
        5);
  }

  static Trial trial(long number, int rung) {
    LatencySummary latency = new LatencySummary(200, 1, 2, 3, 4);
    return new Trial(number, FIRST.manifest(), rung, 1, "", latency, latency, 200, 190, 50, 40, 45);
  }

  StatusReply<DeviceStatus> tryRung(int rung) {
    twin.tell(new DeviceTwin.TryRung(rung, TERMS, replies.getRef()));
    return replies.receiveMessage();
  }

  void window(PublishedFamily family, int rung, double p95Ms) {
    sequence++;
    report(Fixtures.window(sequence, family, rung, p95Ms));
  }

  void report(WindowReport window) {
    twin.tell(new DeviceTwin.ReportWindow(window, REPORTER, taken.getRef()));
  }

  /** Three windows of rung 1 that promote: the first is skipped. */
  ToDevice.Assign promote() {
    window(FIRST, 1, 2);
    window(FIRST, 1, 2);
    window(FIRST, 1, 2);
    return device.expectMessageClass(ToDevice.Assign.class);
  }

  DeviceStatus status() {
    twin.tell(new DeviceTwin.GetStatus(replies.getRef()));
    return replies.receiveMessage().getValue();
  }

  DeviceStatus setBudget(Optional<Budget> budget) {
    return setLimits(budget.map(Limits::of));
  }

  DeviceStatus setLimits(Optional<Limits> limits) {
    twin.tell(new DeviceTwin.SetBudget(limits, replies.getRef()));
    return replies.receiveMessage().getValue();
  }

  /** Makes these the fleet's rules; the twin is not told. */
  void holdRules(BudgetRule... all) {
    rules = new BudgetRules(rules.version() + 1, List.of(all));
  }

  /** Makes these the fleet's rules; the twin is told. */
  DeviceStatus setRules(BudgetRule... all) {
    holdRules(all);
    twin.tell(new DeviceTwin.RulesChanged(rules));
    return status();
  }

  StatusReply<DeviceStatus> pin(int rung) {
    twin.tell(new DeviceTwin.PinRung(rung, replies.getRef()));
    return replies.receiveMessage();
  }

  DeviceStatus liftQuarantine() {
    twin.tell(new DeviceTwin.LiftQuarantine(replies.getRef()));
    return replies.receiveMessage().getValue();
  }

  <E extends TwinEvent> E persisted(Class<E> type) {
    return journal.persistedInStorage(ID.id()).stream()
        .filter(type::isInstance)
        .map(type::cast)
        .reduce((older, newer) -> newer)
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName()));
  }

  long count(Class<? extends TwinEvent> type) {
    return journal.persistedInStorage(ID.id()).stream().filter(type::isInstance).count();
  }

  void killAndRecover() {
    kit.stop(twin);
    twin = kit.spawn(DeviceTwin.create(ID, ports));
  }

  @Override
  public void close() {
    kit.shutdownTestKit();
  }
}
