package dev.heirloom.actors.twin;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.heirloom.actors.adaptation.HeadroomPolicy;
import dev.heirloom.actors.budget.BudgetRules;
import dev.heirloom.actors.fleet.Budget;
import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.fleet.Fixtures;
import dev.heirloom.actors.fleet.ListCatalogue;
import dev.heirloom.actors.prior.ClassPriors;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.pubsub.Topic;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several processes under one device's name, in time that a test moves on. */
class TwinCopiesTest {
  private static final Duration ALMOST = Duration.ofMillis(7_900);
  private static final Duration MORE = Duration.ofMillis(200);

  private final ActorTestKit kit = ActorTestKit.create("copies", config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<StatusReply<DeviceStatus>> replies = kit.createTestProbe();
  private final ActorRef<DeviceTwin.Command> twin =
      kit.spawn(
          DeviceTwin.create(
              PersistenceId.of("DeviceTwin", "cam-1"),
              new TwinPorts(
                  new ListCatalogue(),
                  new HeadroomPolicy(),
                  kit.spawn(ClassPriors.create()),
                  kit.spawn(Topic.create(DeviceStatus.class, "statuses")),
                  Clock.fixed(TwinFixture.NOW, ZoneOffset.UTC),
                  () -> 1,
                  Duration.ofSeconds(1),
                  () -> BudgetRules.NONE)));

  private static Config config() {
    return ManualTime.config().withFallback(TwinFixture.config());
  }

  @BeforeEach
  void enrol() {
    twin.tell(new DeviceTwin.Enrol(Fixtures.PROFILE, replies.getRef()));
    assertThat(replies.receiveMessage().isSuccess()).isTrue();
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  /** A process that says it is the device. */
  private final class Process {
    private final long instance;
    private final TestProbe<StatusReply<Welcome>> welcomes = kit.createTestProbe();
    private TestProbe<ToDevice> session = kit.createTestProbe();

    Process(long instance) {
      this.instance = instance;
    }

    void connects() {
      session = kit.createTestProbe();
      Hello hello = new Hello(Fixtures.PROFILE, Budget.NONE, "", Optional.empty(), 0, 0, instance);
      twin.tell(new DeviceTwin.Connect(hello, session.getRef(), welcomes.getRef()));
    }

    Process connected() {
      connects();
      assertThat(welcome()).isInstanceOf(Welcome.Taken.class);
      assertServed();
      return this;
    }

    Welcome welcome() {
      return welcomes.receiveMessage().getValue();
    }

    void assertServed() {
      session.expectMessageClass(ToDevice.BudgetInForce.class);
      session.expectMessageClass(ToDevice.WindowsTaken.class);
    }

    long asked() {
      return session.expectMessageClass(ToDevice.ShowSignOfLife.class).number();
    }

    void showsSignOfLife(long number) {
      twin.tell(new DeviceTwin.SignOfLife(number, session.getRef()));
    }

    void streamEnds() {
      twin.tell(new DeviceTwin.Disconnected(session.getRef()));
    }

    void assertReplaced() {
      session.expectMessageClass(ToDevice.Replaced.class);
    }

    void assertWaits() {
      status();
      welcomes.expectNoMessage(Duration.ZERO);
    }
  }

  /** What operators see; everything told before has been dealt with. */
  private DeviceStatus status() {
    twin.tell(new DeviceTwin.GetStatus(replies.getRef()));
    return replies.receiveMessage().getValue();
  }

  @Test
  void aProcessThatConnectsAgainTakesItsOlderStreamsPlaceAtOnce() {
    Process agent = new Process(1).connected();
    TestProbe<ToDevice> older = agent.session;
    agent.connected();
    older.expectMessageClass(ToDevice.Replaced.class);
    assertThat(status().copy()).isEmpty();
  }

  @Test
  void aSecondProcessIsRefusedWhileTheFirstShowsThatItIsAlive() {
    Process first = new Process(1).connected();
    Process copy = new Process(2);
    copy.connects();
    long question = first.asked();
    copy.assertWaits();
    first.showsSignOfLife(question);
    assertThat(copy.welcome())
        .isInstanceOfSatisfying(
            Welcome.Copy.class,
            refused -> assertThat(refused.reason()).contains("cam-1").contains("copied"));
    time.timePasses(Duration.ofMinutes(1));
    assertThat(status().online()).isTrue();
    assertThat(status().copy().orElseThrow().times()).isEqualTo(1);
    first.session.expectNoMessage(Duration.ZERO);
  }

  @Test
  void theSecondTakesOverWhereTheFirstGivesNoSignOfLife() {
    Process first = new Process(1).connected();
    Process second = new Process(2);
    second.connects();
    first.asked();
    time.timePasses(ALMOST);
    second.assertWaits();
    time.timePasses(MORE);
    assertThat(second.welcome()).isEqualTo(new Welcome.Taken(true));
    second.assertServed();
    first.assertReplaced();
    assertThat(status().copy()).isEmpty();
  }

  @Test
  void theSecondIsServedAsSoonAsTheFirstsStreamEnds() {
    Process first = new Process(1).connected();
    Process second = new Process(2);
    second.connects();
    first.asked();
    first.streamEnds();
    assertThat(second.welcome()).isEqualTo(new Welcome.Taken(false));
    second.assertServed();
  }

  @Test
  void aSecondThatDoesNotWaitLeavesTheFirstWhereItIs() {
    Process first = new Process(1).connected();
    Process second = new Process(2);
    second.connects();
    first.asked();
    second.streamEnds();
    time.timePasses(Duration.ofMinutes(1));
    assertThat(status().online()).isTrue();
    first.session.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aSignOfLifeOfAnotherStreamOrToAnotherQuestionSavesNobody() {
    Process first = new Process(1).connected();
    Process second = new Process(2);
    second.connects();
    long question = first.asked();
    second.showsSignOfLife(question);
    first.showsSignOfLife(question + 1);
    second.assertWaits();
    time.timePasses(ALMOST.plus(MORE));
    assertThat(second.welcome()).isEqualTo(new Welcome.Taken(true));
  }

  @Test
  void theFirstIsAliveWhereItConnectsAgainMeanwhile() {
    Process first = new Process(1).connected();
    Process copy = new Process(2);
    copy.connects();
    first.asked();
    first.connected();
    assertThat(copy.welcome()).isInstanceOf(Welcome.Copy.class);
    time.timePasses(Duration.ofMinutes(1));
    first.session.expectNoMessage(Duration.ZERO);
  }

  @Test
  void aThirdProcessIsRefusedWhileTheSecondWaits() {
    Process first = new Process(1).connected();
    Process second = new Process(2);
    second.connects();
    Process third = new Process(3);
    third.connects();
    assertThat(third.welcome()).isInstanceOf(Welcome.Copy.class);
    first.asked();
    second.assertWaits();
  }

  @Test
  void anOperatorWhoLiftsFlagOrQuarantineKnowsOfTheCopy() {
    Process first = new Process(1).connected();
    for (DeviceTwin.Command lift :
        List.of(
            new DeviceTwin.LiftFlag(replies.getRef()),
            new DeviceTwin.LiftQuarantine(replies.getRef()))) {
      Process copy = new Process(2);
      copy.connects();
      first.showsSignOfLife(first.asked());
      copy.welcome();
      assertThat(status().copy()).isPresent();
      twin.tell(lift);
      assertThat(replies.receiveMessage().getValue().copy()).isEmpty();
    }
  }
}
