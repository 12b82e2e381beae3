package dev.heirloom.edge;

import dev.heirloom.edge.Installation.Result;
import dev.heirloom.edge.link.Backoff;
import dev.heirloom.edge.link.ChannelOpener;
import dev.heirloom.edge.link.Credentials;
import dev.heirloom.edge.link.LinkActor;
import dev.heirloom.edge.link.LinkEvent;
import dev.heirloom.edge.report.ReportActor;
import dev.heirloom.edge.report.ResourceUsage;
import dev.heirloom.edge.report.Thermometer;
import dev.heirloom.edge.report.WindowJournal;
import dev.heirloom.edge.serving.Berth;
import dev.heirloom.edge.serving.ProbeLoad;
import dev.heirloom.edge.serving.StreamReplay;
import dev.heirloom.edge.serving.Tenure;
import dev.heirloom.edge.slot.Assignment;
import dev.heirloom.edge.slot.BlobFetcher;
import dev.heirloom.edge.slot.Heir;
import dev.heirloom.edge.slot.InstallException.Check;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Hello;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.Window;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.sample.SampleFiles;
import dev.heirloom.runtime.sample.SampleSet;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one berth of the agent does next. Starting (the heir on disk is opened) → working,
 * with or without an heir in service and with or without a link. At most one assignment is being
 * installed; of those told meanwhile the last one counts. Blocking work runs elsewhere and comes
 * back as a message.
 */
final class AgentActor extends AbstractBehavior<AgentActor.Command> {
  private static final Duration FIRST_WAIT = Duration.ofMillis(500);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final String BLOCKING = "heirloom.agent.blocking-dispatcher";

  sealed interface Command {}

  private record Resumed(Optional<Heir> heir, Optional<String> damage) implements Command {}

  private record FromLink(LinkEvent event) implements Command {}

  private record Retry() implements Command {}

  private record Attempted(InstallPlan.Attempt attempt, Result result) implements Command {}

  private record OnTheWay(Assignment assignment, Outcome outcome) implements Command {}

  private record WindowDue() implements Command {}

  private record Measured(Window.Builder window) implements Command {}

  private record StreamRead(SampleSet samples) implements Command {}

  private record StreamRefused(String reason) implements Command {}

  /**
   * What the actor works with; all but the actor's own state.
   *
   * @param name what the berth is known by
   * @param credentials by what the control plane knows the device
   * @param instance drawn when this process started
   * @param journal keeps its windows until they are taken
   * @param stream labelled data to replay; absent replays none
   * @param heirInService called when an heir goes into service
   * @param fail ends the agent, with the reason for the person who started it
   */
  record Surroundings(
      AgentSettings settings,
      AgentSettings.BerthName name,
      Announcer announcer,
      ChannelOpener channels,
      Credentials credentials,
      long instance,
      Installation installation,
      Berth berth,
      WindowJournal journal,
      Optional<AgentSettings.Stream> stream,
      Runnable heirInService,
      Consumer<String> fail) {}

  private final Surroundings around;
  private final AgentSettings settings;
  private final TimerScheduler<Command> timers;
  private final BlockingWork blocking;
  private final Backoff retries = new Backoff(FIRST_WAIT, LONGEST_WAIT, AgentActor::random);
  private final ResourceUsage resources = new ResourceUsage(System.nanoTime());
  private final Thermometer thermometer = new Thermometer();
  private final ActorRef<ReportActor.Command> reports;
  private final ActorRef<TrialActor.Command> trials;

  private volatile @Nullable ActorRef<LinkActor.Command> link;
  private Optional<BlobFetcher> fetcher = Optional.empty();
  private final InstallPlan plan = new InstallPlan();
  private Budget budgetTold = Budget.getDefaultInstance();
  private boolean everConnected;
  private boolean saidUnreachable;
  private String refusalSaid = "";
  private boolean streamRequested;
  private @Nullable StreamReplay replay;

  static Behavior<Command> create(Surroundings around) {
    return Behaviors.setup(
        context -> Behaviors.withTimers(timers -> new AgentActor(context, timers, around)));
  }

  private AgentActor(
      ActorContext<Command> context, TimerScheduler<Command> timers, Surroundings around) {
    super(context);
    this.around = around;
    this.settings = around.settings();
    this.timers = timers;
    this.blocking =
        new BlockingWork(
            context.getSystem().dispatchers().lookup(DispatcherSelector.fromConfig(BLOCKING)));
    this.reports =
        context.spawn(
            ReportActor.create(around.journal()),
            "reports",
            DispatcherSelector.fromConfig(BLOCKING));
    this.trials =
        context.spawn(
            TrialActor.create(
                around,
                blocking,
                found -> send(FromAgent.newBuilder().setShadowReport(found).build())),
            "trials");
    // One that ends takes this one with it.
    context.watch(reports);
    context.watch(trials);
    context.pipeToSelf(
        blocking.run(around.installation()::resume),
        (heir, failure) ->
            failure == null
                ? new Resumed(heir, Optional.empty())
                : new Resumed(Optional.empty(), Optional.of(BlockingWork.reason(failure))));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Resumed.class, this::onResumed)
        .onMessage(FromLink.class, this::onFromLink)
        .onMessage(Retry.class, retry -> onRetry())
        .onMessage(Attempted.class, this::onAttempted)
        .onMessage(OnTheWay.class, this::onTheWay)
        .onMessage(WindowDue.class, due -> onWindowDue())
        .onMessage(Measured.class, this::onMeasured)
        .onMessage(StreamRead.class, this::onStreamRead)
        .onMessage(StreamRefused.class, this::onStreamRefused)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onResumed(Resumed resumed) {
    resumed
        .damage()
        .ifPresent(
            reason ->
                say("the heir on disk cannot be used (" + reason + "); starting without one"));
    Behavior<LinkActor.Command> dialling =
        LinkActor.create(
            around.channels(),
            around.credentials(),
            settings.enrolment(around.name()),
            this::hello,
            new Backoff(FIRST_WAIT, LONGEST_WAIT, AgentActor::random),
            getContext().messageAdapter(LinkEvent.class, FromLink::new));
    link =
        getContext()
            .spawn(
                Behaviors.supervise(dialling)
                    .onFailure(
                        SupervisorStrategy.restartWithBackoff(FIRST_WAIT, LONGEST_WAIT, 0.2)),
                "link");
    resumed.heir().ifPresent(heir -> nowServing(heir.identity() + " from disk"));
    // Agents that were started together do not report together.
    startWindows(Duration.ofNanos((long) ((0.5 + 0.5 * random()) * settings.window().toNanos())));
    return this;
  }

  /** Asked from the link's thread. */
  private Hello hello() {
    Hello.Builder hello =
        settings
            .hello(around.name())
            .setRosterVersion(around.installation().rosterVersion())
            .setReporter(around.journal().reporter())
            .setInstance(around.instance());
    around
        .berth()
        .inService()
        .heir()
        .map(Heir::identity)
        .ifPresent(
            heir ->
                hello
                    .setServingManifestSha256(heir.manifest().bytes())
                    .setServingRung(heir.rung()));
    return hello.build();
  }

  private Behavior<Command> onFromLink(FromLink told) {
    LinkEvent event = told.event();
    if (event instanceof LinkEvent.Connected connected) {
      onConnected(connected);
    } else if (event instanceof LinkEvent.Disconnected lost) {
      onDisconnected(lost);
    } else if (event instanceof LinkEvent.Reconnecting) {
      fetcher = Optional.empty();
      reports.tell(new ReportActor.Disconnected());
    } else if (event instanceof LinkEvent.NotRenewed not) {
      say(not.reason() + "; trying again");
    } else if (event instanceof LinkEvent.Ordered ordered) {
      onOrdered(ordered.desired());
    } else if (event instanceof LinkEvent.BudgetTold budget) {
      onBudgetTold(budget.budget());
    } else if (event instanceof LinkEvent.ShadowOrdered ordered) {
      trials.tell(
          new TrialActor.Try(ordered.shadow(), plan.attempting() ? Optional.empty() : fetcher));
    } else if (event instanceof LinkEvent.WindowsTaken taken) {
      reports.tell(new ReportActor.Taken(taken.sequence()));
    }
    return this;
  }

  private void onConnected(LinkEvent.Connected now) {
    say(
        (everConnected ? "connected again to " : "enrolled with the control plane at ")
            + settings.controlPlane());
    everConnected = true;
    saidUnreachable = false;
    refusalSaid = "";
    fetcher = Optional.of(now.fetcher());
    reports.tell(new ReportActor.Connected(now.windows()));
    plan.waited();
    installNext();
  }

  private void onDisconnected(LinkEvent.Disconnected lost) {
    fetcher = Optional.empty();
    reports.tell(new ReportActor.Disconnected());
    if (lost.refused()) {
      onRefused(lost.reason());
      return;
    }
    if (!saidUnreachable) {
      say(
          "control plane at %s %s (%s); %s"
              .formatted(
                  settings.controlPlane(),
                  lost.wasConnected() ? "lost" : "not reached",
                  lost.reason(),
                  around.berth().inService().heir().isPresent()
                      ? "serving on, trying again"
                      : "trying again"));
      saidUnreachable = true;
    }
  }

  /** Said whenever it is another than before: what to do depends on it. */
  private void onRefused(String reason) {
    if (!reason.equals(refusalSaid)) {
      boolean serves = around.berth().inService().heir().isPresent();
      say(
          "not admitted to the control plane at %s: %s%s"
              .formatted(settings.controlPlane(), reason, serves ? "; serving on" : ""));
      refusalSaid = reason;
    }
  }

  private void onBudgetTold(Budget budget) {
    if (!budget.equals(budgetTold)) {
      budgetTold = budget;
      say("budget in force: " + BudgetText.of(budget));
    }
  }

  private void onOrdered(Desired desired) {
    Assignment assignment;
    try {
      assignment = Assignment.of(desired);
    } catch (MalformedException e) {
      say(
          "decision "
              + Long.toUnsignedString(desired.getDecision())
              + " refused: "
              + e.getMessage());
      report(Installation.refused(desired, String.valueOf(e.getMessage())));
      return;
    }
    if (plan.assign(assignment)) {
      String why = assignment.reason();
      say("assigned %s%s".formatted(assignment.heir(), why.isEmpty() ? "" : ": " + why));
    }
    installNext();
  }

  private Behavior<Command> onRetry() {
    plan.waited();
    installNext();
    return this;
  }

  /** Begins with what is assigned, if it can be begun with now. */
  private void installNext() {
    plan.alreadyServed(around.berth().inService().heir().map(Heir::identity))
        .ifPresent(this::report);
    if (fetcher.isPresent()) {
      BlobFetcher over = fetcher.get();
      plan.begin().ifPresent(attempt -> install(attempt, over));
    }
  }

  private void install(InstallPlan.Attempt attempt, BlobFetcher over) {
    if (attempt.first()) {
      retries.reset();
    }
    ActorRef<Command> self = getContext().getSelf();
    Assignment assignment = attempt.assignment();
    getContext()
        .pipeToSelf(
            blocking.run(
                () ->
                    around
                        .installation()
                        .install(
                            assignment,
                            over,
                            attempt.tally(),
                            outcome -> self.tell(new OnTheWay(assignment, outcome)))),
            (result, failure) ->
                new Attempted(
                    attempt,
                    failure == null
                        ? result
                        : failed(attempt, Check.ASSEMBLE, BlockingWork.reason(failure))));
  }

  private static Result.Failed failed(InstallPlan.Attempt attempt, Check check, String message) {
    return new Result.Failed(
        Installation.failed(attempt.assignment(), attempt.tally(), check, message));
  }

  private Behavior<Command> onAttempted(Attempted attempted) {
    InstallPlan.Attempt attempt = attempted.attempt();
    if (attempted.result() instanceof Result.Installed installed) {
      plan.installed(attempt, installed.outcome());
      nowServing(attempt.assignment().heir().toString());
      installed.lastOfOld().ifPresent(this::report);
      report(installed.outcome());
      startWindows(settings.window());
    } else if (attempted.result() instanceof Result.Failed failed) {
      plan.failed(attempt);
      turnedDown(attempt.assignment(), failed.outcome());
    } else if (attempted.result() instanceof Result.Interrupted interrupted) {
      onInterrupted(attempt, interrupted.reason());
    }
    installNext();
    return this;
  }

  private Behavior<Command> onTheWay(OnTheWay reached) {
    nowServing(
        reached.assignment().at(reached.outcome().getRung()).heir() + " while the rest arrives");
    report(reached.outcome());
    startWindows(settings.window());
    return this;
  }

  private void onInterrupted(InstallPlan.Attempt attempt, String reason) {
    if (plan.interrupted(attempt)) {
      say(
          "transfer interrupted after %.1f KB (%s)"
              .formatted(attempt.tally().contentBytes() / 1e3, reason));
      timers.startSingleTimer(new Retry(), retries.next());
    } else {
      turnedDown(attempt.assignment(), failed(attempt, Check.FETCH, reason).outcome());
    }
  }

  private void turnedDown(Assignment tried, Outcome outcome) {
    say(
        "%s turned down at %s: %s; %s"
            .formatted(
                tried.heir(),
                outcome.getFailedCheck(),
                outcome.getMessage(),
                around
                    .berth()
                    .inService()
                    .heir()
                    .map(old -> old.identity() + " stays in service")
                    .orElse("no heir is in service")));
    report(outcome);
  }

  private void nowServing(String what) {
    say("serving " + what);
    around.heirInService().run();
    if (around.stream().isEmpty() || streamRequested) {
      return;
    }
    streamRequested = true;
    String files = around.stream().get().files();
    Heir heir = around.berth().inService().heir().orElseThrow();
    getContext()
        .pipeToSelf(
            blocking.run(() -> labelled(files, heir)),
            (samples, failure) ->
                failure == null
                    ? new StreamRead(samples)
                    : new StreamRefused(BlockingWork.reason(failure)));
  }

  private static SampleSet labelled(String files, Heir heir)
      throws IOException, MalformedException {
    SampleSet samples = SampleFiles.read(files, heir.inputs());
    List<Long> scores = heir.outputs().get(0).dims();
    long classes = scores.isEmpty() ? -1 : scores.get(scores.size() - 1);
    if (classes > 0) {
      try {
        samples.checkLabels(classes);
      } catch (MalformedException e) {
        throw e.in(files);
      }
    }
    return samples;
  }

  private void startWindows(Duration first) {
    timers.startTimerAtFixedRate(new WindowDue(), first, settings.window());
  }

  private Behavior<Command> onWindowDue() {
    Optional<Tenure> tenure = around.berth().inService().tenure();
    if (tenure.isEmpty()) {
      return this;
    }
    Window.Builder window =
        tenure.get().recorder().roll(System.currentTimeMillis(), System.nanoTime());
    if (window.getRequest().getCount() > 0 || plan.attempting()) {
      report(window);
      return this;
    }
    getContext()
        .pipeToSelf(
            blocking.run(() -> ProbeLoad.measure(window, tenure.get(), around.berth().queue())),
            (measured, failure) -> new Measured(failure == null ? measured : window));
    return this;
  }

  private Behavior<Command> onMeasured(Measured measured) {
    report(measured.window());
    return this;
  }

  private Behavior<Command> onStreamRead(StreamRead read) {
    double rate = around.stream().orElseThrow().ratePerSecond();
    replay =
        new StreamReplay(around.berth().inService(), around.berth().queue(), read.samples(), rate);
    say("replaying %d samples at %s requests a second".formatted(read.samples().size(), rate));
    return this;
  }

  private Behavior<Command> onStreamRefused(StreamRefused refused) {
    around.fail().accept("--stream: " + refused.reason());
    return this;
  }

  private Behavior<Command> onPostStop() {
    StreamReplay running = replay;
    if (running != null) {
      running.close();
    }
    return this;
  }

  private void report(Window.Builder window) {
    window
        .setResidentBytes(resources.residentBytes())
        .setCpuCores(resources.cpuCores(System.nanoTime()));
    thermometer.celsius().ifPresent(window::setTemperatureCelsius);
    reports.tell(new ReportActor.Keep(window));
  }

  private void report(Outcome outcome) {
    send(FromAgent.newBuilder().setOutcome(outcome).build());
  }

  private void send(FromAgent message) {
    ActorRef<LinkActor.Command> to = link;
    if (to != null) {
      to.tell(new LinkActor.Report(message));
    }
  }

  private void say(String line) {
    around.announcer().say(line);
  }

  private static double random() {
    return ThreadLocalRandom.current().nextDouble();
  }
}
