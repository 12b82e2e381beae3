package dev.heirloom.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.edge.fixture.FakeControlPlane;
import dev.heirloom.edge.fixture.SmallFamily;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.SignOfLife;
import dev.heirloom.proto.v1.ToAgent;
import dev.heirloom.proto.v1.Window;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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
    return dial(Credentials.NONE);
  }

  private LinkEvent.Connected dial(Credentials credentials) {
    begin(credentials);
    return owner.expectMessageClass(LinkEvent.Connected.class);
  }

  private void begin(Credentials credentials) {
    kit.spawn(
        LinkActor.create(
            plane::channel,
            credentials,
            EnrolRequest.newBuilder().setName("cam-1").build(),
            () -> Hello.newBuilder().setDevice("cam-1").build(),
            new Backoff(Duration.ofSeconds(1), LONGEST_WAIT, () -> 0.5),
            owner.getRef()));
  }

  /** Credentials as a test wants them. */
  private static final class Papers implements Credentials {
    private static final Duration VALID = Duration.ofHours(1);

    private final AtomicInteger renewals = new AtomicInteger();
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile Optional<CredentialsException> missing = Optional.empty();
    private volatile Optional<CredentialsException> notRenewed = Optional.empty();

    @Override
    public void prepare() throws CredentialsException {
      if (missing.isPresent()) {
        throw missing.get();
      }
    }

    @Override
    public Optional<Duration> untilRenewal() {
      return Optional.of(VALID);
    }

    @Override
    public void renew() throws CredentialsException {
      renewals.incrementAndGet();
      if (notRenewed.isPresent()) {
        throw notRenewed.get();
      }
    }

    @Override
    public String refused() {
      refusals.incrementAndGet();
      return "; get another one";
    }
  }

  private void expectServed() {
    owner.expectMessageClass(LinkEvent.BudgetTold.class);
    owner.expectMessageClass(LinkEvent.WindowsTaken.class);
  }

  @Test
  void theNextConnectionIsMadeWithRenewedCredentialsBeforeTheOneEnds() throws Exception {
    Papers papers = new Papers();
    dial(papers);
    expectServed();
    plane.hello();
    time.timePasses(Papers.VALID);
    owner.expectMessageClass(LinkEvent.Reconnecting.class);
    owner.expectMessageClass(LinkEvent.Connected.class);
    expectServed();
    plane.hello();
    assertThat(papers.renewals).hasValue(1);
    time.timePasses(Duration.ofSeconds(30));
    owner.expectNoMessage(Duration.ZERO);
    time.timePasses(Papers.VALID);
    owner.expectMessageClass(LinkEvent.Reconnecting.class);
    owner.expectMessageClass(LinkEvent.Connected.class);
    assertThat(papers.renewals).hasValue(2);
  }

  @Test
  void aConnectionGoesOnWhereItsCredentialsAreNotRenewedYet() throws Exception {
    Papers papers = new Papers();
    papers.notRenewed = Optional.of(new CredentialsException("not now"));
    dial(papers);
    expectServed();
    time.timePasses(Papers.VALID);
    assertThat(owner.expectMessageClass(LinkEvent.NotRenewed.class).reason()).isEqualTo("not now");
    papers.notRenewed = Optional.empty();
    time.timePasses(Papers.VALID);
    owner.expectMessageClass(LinkEvent.Reconnecting.class);
    owner.expectMessageClass(LinkEvent.Connected.class);
  }

  @Test
  void nothingIsDialledWithoutCredentialsUntilTheyAreThere() {
    Papers papers = new Papers();
    papers.missing = Optional.of(new CredentialsException("no certificate"));
    begin(papers);
    LinkEvent.Disconnected lost = owner.expectMessageClass(LinkEvent.Disconnected.class);
    assertThat(lost).isEqualTo(new LinkEvent.Disconnected(false, true, "no certificate"));
    papers.missing = Optional.empty();
    time.timePasses(Duration.ofSeconds(4));
    owner.expectNoMessage(Duration.ZERO);
    time.timePasses(Duration.ofSeconds(2));
    owner.expectMessageClass(LinkEvent.Connected.class);
  }

  @Test
  void whoeverIsNotKnownIsToldWhatToDoAndAsksSeldom() throws Exception {
    Papers papers = new Papers();
    dial(papers);
    expectServed();
    plane.endWith(Status.UNAUTHENTICATED.withDescription("certificate 7 is revoked"));
    LinkEvent.Disconnected lost = owner.expectMessageClass(LinkEvent.Disconnected.class);
    assertThat(lost)
        .isEqualTo(
            new LinkEvent.Disconnected(
                true, true, "unauthenticated: certificate 7 is revoked; get another one"));
    assertThat(papers.refusals).hasValue(1);
    time.timePasses(LONGEST_WAIT);
    owner.expectNoMessage(Duration.ZERO);
    time.timePasses(Duration.ofSeconds(4));
    owner.expectMessageClass(LinkEvent.Connected.class);
  }

  @Test
  void showsASignOfLifeWhereItIsAskedForOne() throws Exception {
    dial();
    expectServed();
    plane.tell(ToAgent.newBuilder().setSignOfLife(SignOfLife.newBuilder().setNumber(17)).build());
    assertThat(plane.signOfLife()).isEqualTo(17);
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
    begin(Credentials.NONE);
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
