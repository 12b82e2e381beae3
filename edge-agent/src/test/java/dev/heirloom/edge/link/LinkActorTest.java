package dev.heirloom.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.fixture.FakeControlPlane;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.Window;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The link in time that a test moves on. */
@Timeout(60)
class LinkActorTest {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  private final FakeControlPlane plane = new FakeControlPlane(SmallFamily.create());
  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<LinkEvent> owner = kit.createTestProbe(LinkEvent.class);

  @BeforeEach
  void start() throws Exception {
    plane.start();
  }

  @AfterEach
  void stop() throws Exception {
    kit.shutdownTestKit();
    plane.close();
  }

  private LinkEvent.Connected dial() {
    kit.spawn(
        LinkActor.create(
            plane::channel,
            EnrolRequest.newBuilder().setName("cam-1").build(),
            () -> Hello.newBuilder().setDevice("cam-1").build(),
            new Backoff(Duration.ofSeconds(1), LONGEST_WAIT, () -> 0.5),
            owner.getRef()));
    return owner.expectMessageClass(LinkEvent.Connected.class);
  }

  @Test
  void aWindowOfAnEarlierConnectionDoesNotOvertakeThoseOfTheNext() throws Exception {
    LinkEvent.Connected first = dial();
    plane.hello();
    owner.expectMessageClass(LinkEvent.BudgetTold.class);
    owner.expectMessageClass(LinkEvent.WindowsTaken.class);
    plane.kill();
    owner.expectMessageClass(LinkEvent.Disconnected.class);
    plane.start();
    time.timePasses(LONGEST_WAIT);
    LinkEvent.Connected second = owner.expectMessageClass(LinkEvent.Connected.class);
    first.windows().accept(Window.newBuilder().setSequence(7).build());
    second.windows().accept(Window.newBuilder().setSequence(6).build());
    second.windows().accept(Window.newBuilder().setSequence(8).build());
    assertThat(plane.window().getSequence()).isEqualTo(6);
    assertThat(plane.window().getSequence()).isEqualTo(8);
  }

  @Test
  void aControlPlaneThatDoesNotAnswerAHelloIsNamedAndDialledAgain() throws Exception {
    plane.answerNothing(true);
    dial();
    plane.hello();
    time.timePasses(Duration.ofSeconds(31));
    LinkEvent.Disconnected lost = owner.expectMessageClass(LinkEvent.Disconnected.class);
    assertThat(lost.reason()).isEqualTo("drop-request: no answer for 30 s");
    plane.answerNothing(false);
    time.timePasses(LONGEST_WAIT);
    owner.expectMessageClass(LinkEvent.Connected.class);
    owner.expectMessageClass(LinkEvent.BudgetTold.class);
  }

  @Test
  void oneThatHasAnsweredMaySayNothingForHours() throws Exception {
    dial();
    owner.expectMessageClass(LinkEvent.BudgetTold.class);
    owner.expectMessageClass(LinkEvent.WindowsTaken.class);
    time.timePasses(Duration.ofHours(5));
    owner.expectNoMessage(Duration.ZERO);
  }
}
