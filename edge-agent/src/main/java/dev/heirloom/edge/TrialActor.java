package dev.heirloom.edge;

import dev.heirloom.edge.serving.ShadowRun;
import dev.heirloom.edge.slot.Assignment;
import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.proto.v1.Shadow;
import dev.heirloom.proto.v1.ShadowReport;
import dev.heirloom.runtime.MalformedException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Has rungs tried beside the one in service: fetched and checked → answering a share of the
 * requests, unheard → reported. A trial gives way to one that is told later, and is not begun while
 * an heir is being installed. Every trial ends with a report.
 */
final class TrialActor extends AbstractBehavior<TrialActor.Command> {

  private static final String GAVE_WAY = "it gave way to a trial that was told later";

  sealed interface Command {}

  /**
   * A rung is to be tried.
   *
   * @param over fetches what it lacks; empty where it cannot be tried now
   */
  record Try(Shadow shadow, Optional<BlobFetcher> over) implements Command {}

  private record Rehearsed(Shadow shadow, Heir candidate) implements Command {}

  private record Failed(Shadow shadow, String reason) implements Command {}

  private record Over(Shadow shadow, ShadowReport.Builder report) implements Command {}

  private record Due(ShadowRun run) implements Command {}

  private final AgentActor.Surroundings around;
  private final BlockingWork blocking;
  private final Consumer<ShadowReport> send;
  private final TimerScheduler<Command> timers;
  private boolean rehearsing;
  private Optional<Try> next = Optional.empty();

  /**
   * @param send takes what a trial found
   */
  static Behavior<Command> create(
      AgentActor.Surroundings around, BlockingWork blocking, Consumer<ShadowReport> send) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new TrialActor(context, timers, around, blocking, send)));
  }

  private TrialActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      AgentActor.Surroundings around,
      BlockingWork blocking,
      Consumer<ShadowReport> send) {
    super(context);
    this.around = around;
    this.blocking = blocking;
    this.send = send;
    this.timers = timers;
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Try.class, this::onTry)
        .onMessage(Rehearsed.class, this::onRehearsed)
        .onMessage(Failed.class, this::onNotRehearsed)
        .onMessage(Over.class, this::onOver)
        .onMessage(Due.class, this::onDue)
        .build();
  }

  private Behavior<Command> onTry(Try order) {
    if (!rehearsing) {
      return begin(order);
    }
    next.ifPresent(earlier -> onFailed(earlier.shadow(), GAVE_WAY));
    next = Optional.of(order);
    return this;
  }

  private Behavior<Command> begin(Try order) {
    Shadow shadow = order.shadow();
    Assignment candidate;
    try {
      candidate = Assignment.of(shadow);
    } catch (MalformedException e) {
      return onFailed(shadow, String.valueOf(e.getMessage()));
    }
    if (order.over().isEmpty() || around.berth().inService().heir().isEmpty()) {
      return onFailed(shadow, "an installation is under way, or nothing is in service yet");
    }
    rehearsing = true;
    around.announcer().say("tries %s beside the one in service".formatted(candidate.heir()));
    BlobFetcher over = order.over().get();
    getContext()
        .pipeToSelf(
            blocking.run(() -> around.installation().rehearse(candidate, over)),
            (heir, failure) ->
                failure == null
                    ? new Rehearsed(shadow, heir)
                    : new Failed(shadow, BlockingWork.reason(failure)));
    return this;
  }

  private Behavior<Command> onRehearsed(Rehearsed rehearsed) {
    rehearsing = false;
    Shadow shadow = rehearsed.shadow();
    if (next.isPresent()) {
      rehearsed.candidate().close();
      onFailed(shadow, GAVE_WAY);
      return beginNext();
    }
    ShadowRun run =
        new ShadowRun(
            rehearsed.candidate(),
            shadow.getShare(),
            Math.max(1, Integer.toUnsignedLong(shadow.getRequests())),
            System::nanoTime,
            () -> ThreadLocalRandom.current().nextDouble());
    getContext().pipeToSelf(run.report(), (report, failure) -> new Over(shadow, report));
    around.berth().queue().shadow(run);
    timers.startSingleTimer(
        new Due(run),
        Duration.ofMillis(Math.max(1, Integer.toUnsignedLong(shadow.getLongestMs()))));
    return this;
  }

  private Behavior<Command> onNotRehearsed(Failed failed) {
    rehearsing = false;
    onFailed(failed.shadow(), failed.reason());
    return beginNext();
  }

  private Behavior<Command> beginNext() {
    Optional<Try> waiting = next;
    next = Optional.empty();
    return waiting.map(this::begin).orElse(this);
  }

  private Behavior<Command> onDue(Due due) {
    due.run().close();
    return this;
  }

  private Behavior<Command> onFailed(Shadow shadow, String reason) {
    return report(
        shadow,
        ShadowReport.newBuilder()
            .setFamily(shadow.getFamily())
            .setManifestSha256(shadow.getManifest().getSha256())
            .setRung(shadow.getRung())
            .setFailure(reason));
  }

  private Behavior<Command> onOver(Over over) {
    return report(over.shadow(), over.report());
  }

  private Behavior<Command> report(Shadow shadow, ShadowReport.Builder found) {
    int serving = around.berth().inService().heir().map(heir -> heir.identity().rung()).orElse(0);
    ShadowReport report = found.setTrial(shadow.getTrial()).setServingRung(serving).build();
    around
        .announcer()
        .say(
            report.getFailure().isEmpty()
                ? "tried rung %d on %d requests"
                    .formatted(report.getRung(), report.getCandidate().getCount())
                : "tried rung %d in vain: %s".formatted(report.getRung(), report.getFailure()));
    send.accept(report);
    return this;
  }
}
