package dev.heirloom.edge.link;

import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.EnrolResponse;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.ToAgent;
import dev.heirloom.proto.v1.Window;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.Scheduler;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.QueueOfferResult;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.SourceQueueWithComplete;
import org.jspecify.annotations.Nullable;

/**
 * Owns the connection to the control plane. Preparing credentials → dialling → connected → (lost)
 * waiting → preparing, for as long as the agent lives. What is to be sent waits in an {@link
 * Outbox} while there is no connection.
 */
public final class LinkActor extends AbstractBehavior<LinkActor.Command> {
  private static final Duration STEADY = Duration.ofSeconds(10);
  private static final Duration LONGEST_WITHOUT_ANSWER = Duration.ofSeconds(30);
  private static final Duration ACCEPT_TIMEOUT = Duration.ofSeconds(30);

  /** Whoever was refused is let in by a person, not by another try. */
  private static final Duration REFUSED = Duration.ofSeconds(5);

  private static final Duration LONGEST_REFUSED = Duration.ofSeconds(60);

  public sealed interface Command {}

  /** What the control plane is to know, over this connection or the next. */
  public record Report(FromAgent message) implements Command {}

  private record OverSession(Session session, Window window) implements Command {}

  private record Dial() implements Command {}

  private record Prepared(Optional<Failure> failure) implements Command {}

  private record Enrolled(Session session) implements Command {}

  private record Received(Session session, ToAgent message, ActorRef<Done> replyTo)
      implements Command {}

  private record Offered(Session session, FromAgent message, boolean taken) implements Command {}

  private record Lost(Session session, Failure failure) implements Command {}

  private record Steady(Session session) implements Command {}

  private record Unanswered(Session session) implements Command {}

  private record RenewalDue() implements Command {}

  private record Renewed(Session session, Optional<Failure> failure) implements Command {}

  private final ChannelOpener channels;
  private final Credentials credentials;
  private final EnrolRequest enrolment;
  private final Supplier<Hello> hello;
  private final Backoff backoff;
  private final Backoff refusals;
  private final ActorRef<LinkEvent> owner;
  private final TimerScheduler<Command> timers;
  private final Materializer materializer;
  // Streams call back from threads that may not touch the actor's context.
  private final ActorRef<Command> self;
  private final Scheduler scheduler;
  private final Executor blocking;
  private final Outbox outbox = new Outbox();

  private @Nullable Session session;
  // Ends by itself when the next one takes over.
  private @Nullable Session retired;
  private @Nullable SourceQueueWithComplete<FromAgent> sending;
  private boolean offering;
  private boolean announced;

  /**
   * Dials at once.
   *
   * @param credentials by what the control plane knows the device
   * @param enrolment what the device says of itself
   * @param hello what it says first on a connection; asked from the actor's own thread
   * @param owner is told of everything that comes
   */
  public static Behavior<Command> create(
      ChannelOpener channels,
      Credentials credentials,
      EnrolRequest enrolment,
      Supplier<Hello> hello,
      Backoff backoff,
      ActorRef<LinkEvent> owner) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new LinkActor(
                        context, timers, channels, credentials, enrolment, hello, backoff, owner)));
  }

  private LinkActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      ChannelOpener channels,
      Credentials credentials,
      EnrolRequest enrolment,
      Supplier<Hello> hello,
      Backoff backoff,
      ActorRef<LinkEvent> owner) {
    super(context);
    this.channels = channels;
    this.credentials = credentials;
    this.enrolment = enrolment;
    this.hello = hello;
    this.backoff = backoff;
    this.refusals = backoff.slower(REFUSED, LONGEST_REFUSED);
    this.owner = owner;
    this.timers = timers;
    this.materializer = Materializer.createMaterializer(context);
    this.self = context.getSelf();
    this.scheduler = context.getSystem().scheduler();
    this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    self.tell(new Dial());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Report.class, this::onReport)
        .onMessage(OverSession.class, this::onOverSession)
        .onMessage(Dial.class, dial -> onDial())
        .onMessage(Prepared.class, this::onPrepared)
        .onMessage(Enrolled.class, this::onEnrolled)
        .onMessage(Received.class, this::onReceived)
        .onMessage(Offered.class, this::onOffered)
        .onMessage(Lost.class, this::onLost)
        .onMessage(Steady.class, this::onSteady)
        .onMessage(Unanswered.class, this::onUnanswered)
        .onMessage(RenewalDue.class, due -> onRenewalDue())
        .onMessage(Renewed.class, this::onRenewed)
        .onSignal(PreRestart.class, signal -> onEnd())
        .onSignal(PostStop.class, signal -> onEnd())
        .build();
  }

  private Behavior<Command> onReport(Report report) {
    outbox.add(report.message());
    sendNext();
    return this;
  }

  /** One of an earlier session would overtake those before it, which are sent anew over this. */
  private Behavior<Command> onOverSession(OverSession window) {
    if (window.session() == session && sending != null) {
      outbox.add(FromAgent.newBuilder().setWindow(window.window()).build());
      sendNext();
    }
    return this;
  }

  private Behavior<Command> onDial() {
    getContext()
        .pipeToSelf(
            blocking(credentials::prepare),
            (Done done, Throwable failure) -> new Prepared(failed(failure)));
    return this;
  }

  private interface Work {
    void run() throws CredentialsException;
  }

  private CompletionStage<Done> blocking(Work work) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            work.run();
            return Done.getInstance();
          } catch (CredentialsException e) {
            throw new CompletionException(e);
          }
        },
        blocking);
  }

  private static Optional<Failure> failed(@Nullable Throwable thrown) {
    return Optional.ofNullable(thrown)
        .map(LinkActor::unwrapped)
        .map(
            cause ->
                cause instanceof CredentialsException known
                    ? known.failure()
                    : new Failure(String.valueOf(cause.getMessage())));
  }

  private Behavior<Command> onPrepared(Prepared prepared) {
    if (prepared.failure().isPresent()) {
      Failure failure = prepared.failure().get();
      timers.startSingleTimer(new Dial(), failure.refused() ? refusals.next() : backoff.next());
      owner.tell(new LinkEvent.Disconnected(false, failure.refused(), failure.told()));
      return this;
    }
    Session dialled = new Session(channels.open(), materializer);
    session = dialled;
    getContext()
        .pipeToSelf(
            dialled.enrol(enrolment),
            (EnrolResponse enrolled, Throwable failure) ->
                failure == null
                    ? new Enrolled(dialled)
                    : new Lost(dialled, Failure.of(unwrapped(failure))));
    return this;
  }

  private Behavior<Command> onEnrolled(Enrolled enrolled) {
    if (enrolled.session() != session) {
      return this;
    }
    Session current = enrolled.session();
    Pair<SourceQueueWithComplete<FromAgent>, CompletionStage<Done>> stream =
        Source.<FromAgent>queue(1, OverflowStrategy.backpressure())
            .prepend(Source.single(FromAgent.newBuilder().setHello(hello.get()).build()))
            .via(current.connect())
            .mapAsync(1, message -> deliver(current, message))
            .toMat(Sink.ignore(), Keep.both())
            .run(materializer);
    sending = stream.first();
    offering = false;
    getContext()
        .pipeToSelf(
            stream.second(),
            (Done done, Throwable failure) ->
                new Lost(
                    current,
                    failure == null
                        ? new Failure("the control plane ended the connection")
                        : Failure.of(unwrapped(failure))));
    timers.startSingleTimer(new Steady(current), STEADY);
    timers.startSingleTimer(new Unanswered(current), LONGEST_WITHOUT_ANSWER);
    credentials.untilRenewal().ifPresent(wait -> timers.startSingleTimer(new RenewalDue(), wait));
    sendNext();
    return this;
  }

  /** Whoever answers a hello has taken the device in. */
  private void announce(Session taken) {
    if (!announced) {
      announced = true;
      owner.tell(
          new LinkEvent.Connected(
              taken.fetcher(enrolment.getName()),
              window -> self.tell(new OverSession(taken, window))));
    }
  }

  /** Asks for the next message of the control plane when this one has been dealt with. */
  private CompletionStage<Done> deliver(Session from, ToAgent message) {
    return AskPattern.ask(
        self, replyTo -> new Received(from, message, replyTo), ACCEPT_TIMEOUT, scheduler);
  }

  private Behavior<Command> onReceived(Received received) {
    if (received.session() == session) {
      timers.cancel(new Unanswered(received.session()));
      announce(received.session());
      switch (received.message().getMessageCase()) {
        case DESIRED -> owner.tell(new LinkEvent.Ordered(received.message().getDesired()));
        case BUDGET -> owner.tell(new LinkEvent.BudgetTold(received.message().getBudget()));
        case SHADOW -> owner.tell(new LinkEvent.ShadowOrdered(received.message().getShadow()));
        case WINDOWS_TAKEN ->
            owner.tell(
                new LinkEvent.WindowsTaken(received.message().getWindowsTaken().getSequence()));
        case SIGN_OF_LIFE -> {
          outbox.addFirst(
              FromAgent.newBuilder().setSignOfLife(received.message().getSignOfLife()).build(),
              offering);
          sendNext();
        }
        case MESSAGE_NOT_SET -> {
          // A kind of message that a newer control plane knows.
        }
      }
    }
    received.replyTo().tell(Done.getInstance());
    return this;
  }

  private Behavior<Command> onOffered(Offered offered) {
    if (offered.session() == session) {
      offering = false;
      // Not taken: the stream has ended, and its loss is about to be told.
      if (offered.taken()) {
        outbox.sent(offered.message());
        sendNext();
      }
    }
    return this;
  }

  private void sendNext() {
    SourceQueueWithComplete<FromAgent> queue = sending;
    Session current = session;
    Optional<FromAgent> next = outbox.first();
    if (queue == null || current == null || offering || next.isEmpty()) {
      return;
    }
    offering = true;
    FromAgent message = next.get();
    getContext()
        .pipeToSelf(
            queue.offer(message),
            (QueueOfferResult result, Throwable failure) ->
                new Offered(current, message, result instanceof QueueOfferResult.Enqueued$));
  }

  private Behavior<Command> onLost(Lost lost) {
    if (lost.session() != session) {
      return this;
    }
    boolean wasConnected = announced;
    // Whoever keeps windows sends them anew.
    outbox.dropWindows();
    lost.session().close();
    session = null;
    sending = null;
    offering = false;
    announced = false;
    timers.cancelAll();
    closeRetired();
    Failure failure = lost.failure();
    timers.startSingleTimer(new Dial(), failure.refused() ? refusals.next() : backoff.next());
    String advice = failure.unknown() ? credentials.refused() : "";
    owner.tell(
        new LinkEvent.Disconnected(wasConnected, failure.refused(), failure.told() + advice));
    return this;
  }

  private void closeRetired() {
    Session old = retired;
    if (old != null) {
      old.close();
    }
    retired = null;
  }

  private Behavior<Command> onSteady(Steady steady) {
    if (steady.session() == session) {
      backoff.reset();
      refusals.reset();
      closeRetired();
    }
    return this;
  }

  /** A control plane answers each hello; one whose answer does not come may withhold orders. */
  private Behavior<Command> onUnanswered(Unanswered unanswered) {
    String seconds = LONGEST_WITHOUT_ANSWER.toSeconds() + " s";
    Failure failure = new Failure("drop-request: no answer for " + seconds);
    return onLost(new Lost(unanswered.session(), failure));
  }

  private Behavior<Command> onRenewalDue() {
    Session current = session;
    if (current != null) {
      getContext()
          .pipeToSelf(
              blocking(credentials::renew),
              (Done done, Throwable failure) -> new Renewed(current, failed(failure)));
    }
    return this;
  }

  /** The next connection shows the new certificate; it is made before this one ends. */
  private Behavior<Command> onRenewed(Renewed renewed) {
    if (renewed.session() != session) {
      return this;
    }
    if (renewed.failure().isPresent()) {
      owner.tell(new LinkEvent.NotRenewed(renewed.failure().get().told()));
      credentials.untilRenewal().ifPresent(wait -> timers.startSingleTimer(new RenewalDue(), wait));
      return this;
    }
    closeRetired();
    retired = renewed.session();
    renewed.session().retire();
    outbox.dropWindows();
    session = null;
    sending = null;
    offering = false;
    announced = false;
    timers.cancelAll();
    owner.tell(new LinkEvent.Reconnecting());
    return onDial();
  }

  private Behavior<Command> onEnd() {
    Session open = session;
    if (open != null) {
      open.close();
    }
    closeRetired();
    return this;
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof CompletionException && cause != null ? cause : failure;
  }
}
