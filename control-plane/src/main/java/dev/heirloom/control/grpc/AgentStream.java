package dev.heirloom.control.grpc;

import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.twin.Hello;
import dev.heirloom.actors.twin.ToDevice;
import dev.heirloom.actors.twin.Welcome;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.fleet.Twins;
import dev.heirloom.control.fleet.UnknownDeviceException;
import dev.heirloom.control.store.ReleaseDesk;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Shadow;
import dev.heirloom.proto.v1.SignOfLife;
import dev.heirloom.proto.v1.ToAgent;
import dev.heirloom.proto.v1.WindowsTaken;
import dev.heirloom.runtime.MalformedException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Materializer;
import org.apache.pekko.stream.OverflowStrategy;
import org.apache.pekko.stream.ThrottleMode;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.typed.javadsl.ActorSource;

/**
 * The stream of one running agent: its hello, then its windows and outcomes up; what its twin tells
 * it down. Ends when either side ends, and tells the twin.
 */
final class AgentStream {
  // What a twin tells is little and rare; an agent that leaves so much unread does not read.
  private static final int UNREAD = 64;
  private static final String CONNECT = "heirloom.v1.Agents/Connect";
  private static final int REPORTS_PER_SECOND = 50;
  private static final int REPORTS_AT_ONCE = 500;

  // Half of what one that is held waits.
  private static final long HELD_NS = 500_000_000 / REPORTS_PER_SECOND;

  private final Twins twins;
  private final DeviceCalls calls;
  private final Meters meters;
  private final ReleaseDesk releases;
  private final Access access;
  private final Refusals refusals;
  private final Executor blocking;
  private final Materializer materializer;

  /**
   * @param blocking runs what may sign a release and write it
   */
  AgentStream(
      Twins twins,
      DeviceCalls calls,
      Meters meters,
      ReleaseDesk releases,
      Access access,
      Refusals refusals,
      Executor blocking,
      Materializer materializer) {
    this.twins = twins;
    this.calls = calls;
    this.meters = meters;
    this.releases = releases;
    this.access = access;
    this.refusals = refusals;
    this.blocking = blocking;
    this.materializer = materializer;
  }

  /** A flow for the call that is being begun. */
  Flow<FromAgent, ToAgent, NotUsed> flow() {
    From from = new From(AccessInterceptor.CALLER.get(), AccessInterceptor.PEER.get());
    return Flow.<FromAgent>create()
        .prefixAndTail(1)
        .flatMapConcat(headAndTail -> session(from, headAndTail.first(), headAndTail.second()))
        .mapError(Throwable.class, Failures::of);
  }

  /** Who calls, and from where. */
  private record From(Identity caller, String peer) {}

  private Source<ToAgent, NotUsed> session(
      From from, List<FromAgent> head, Source<FromAgent, NotUsed> reports) {
    if (head.isEmpty()) {
      return refused(Failures.invalid("hello", "missing (the stream ended before it)"));
    }
    if (!head.get(0).hasHello()) {
      return refused(Failures.invalid("hello", "expected as the first message"));
    }
    return session(from, head.get(0).getHello(), reports);
  }

  private Source<ToAgent, NotUsed> session(
      From from, dev.heirloom.proto.v1.Hello message, Source<FromAgent, NotUsed> reports) {
    String device;
    Hello hello;
    try {
      device = Incoming.deviceName("hello.device", message.getDevice());
      hello = Incoming.hello(message);
    } catch (StatusRuntimeException e) {
      return refused(e);
    }
    calls.take(device);
    Pair<ActorRef<ToDevice>, Source<ToDevice, NotUsed>> down =
        ActorSource.<ToDevice>actorRef(
                order -> false, AgentStream::end, UNREAD, OverflowStrategy.fail())
            .preMaterialize(materializer);
    ActorRef<ToDevice> session = down.first();
    twins.opened(device);
    Source<ToAgent, NotUsed> up =
        Source.lazyCompletionStage(() -> connect(from, device, hello, session))
            .mapMaterializedValue(started -> NotUsed.getInstance())
            .concat(
                paced(reports)
                    .map(new DeviceReports(twins, meters, device, hello.reporter(), session)::take))
            .mapConcat(done -> List.of());
    return down.second()
        .mapAsync(1, order -> message(order, message.getRosterVersion()))
        .merge(up, true)
        .watchTermination(
            (notUsed, done) -> {
              done.whenComplete((end, failure) -> ended(device, session));
              return notUsed;
            });
  }

  private Source<ToAgent, NotUsed> refused(StatusRuntimeException why) {
    meters.refusedMessage("stream");
    return Source.failed(why);
  }

  /** No faster than a device has to be; what comes faster waits, and its sender with it. */
  private Source<FromAgent, NotUsed> paced(Source<FromAgent, NotUsed> reports) {
    return reports
        .map(report -> new Arrived(report, System.nanoTime()))
        .throttle(
            REPORTS_PER_SECOND, Duration.ofSeconds(1), REPORTS_AT_ONCE, ThrottleMode.shaping())
        .map(
            arrived -> {
              if (System.nanoTime() - arrived.atNs() > HELD_NS) {
                meters.heldMessage();
              }
              return arrived.message();
            });
  }

  private record Arrived(FromAgent message, long atNs) {}

  private CompletionStage<Done> connect(
      From from, String device, Hello hello, ActorRef<ToDevice> session) {
    return twins
        .<Welcome>ask(device, replyTo -> new DeviceTwin.Connect(hello, session, replyTo))
        .thenApply(welcome -> welcomed(from, device, welcome))
        .exceptionallyCompose(
            failure ->
                // To a device, an unknown name is a state to mend, not a wrong address.
                CompletableFuture.failedFuture(
                    Failures.unwrapped(failure) instanceof UnknownDeviceException
                        ? Failures.notEnrolled(device)
                        : failure));
  }

  private Done welcomed(From from, String device, Welcome welcome) {
    if (welcome instanceof Welcome.Copy copy) {
      Refusal refusal = new Refusal(Refusal.Kind.COPY, copy.reason());
      throw refusals.of(refusal, from.caller(), from.peer(), CONNECT, device).asRuntimeException();
    }
    if (welcome instanceof Welcome.Taken taken && taken.tookOver()) {
      access.record(
          from.caller(),
          from.peer(),
          "Agents/Connect",
          device,
          Status.Code.OK.name(),
          "took over: the process that was connected before gave no sign of life");
    }
    return Done.getInstance();
  }

  private void ended(String device, ActorRef<ToDevice> session) {
    twins.of(device).tell(new DeviceTwin.Disconnected(session));
    twins.ended(device);
  }

  private ToAgent permitted(ToDevice.Assign assign, long rosterVersion)
      throws IOException, MalformedException {
    Desired.Builder desired = Outgoing.desired(assign);
    releases.of(assign.manifest()).ifPresent(release -> desired.setRelease(release.signed()));
    desired.addAllRosters(releases.rostersAfter(rosterVersion));
    return ToAgent.newBuilder().setDesired(desired).build();
  }

  private ToAgent permitted(ToDevice.TryOut trial, long rosterVersion)
      throws IOException, MalformedException {
    Shadow.Builder shadow = Outgoing.shadow(trial);
    releases.of(trial.manifest()).ifPresent(release -> shadow.setRelease(release.signed()));
    shadow.addAllRosters(releases.rostersAfter(rosterVersion));
    return ToAgent.newBuilder().setShadow(shadow).build();
  }

  private static Optional<Throwable> end(ToDevice order) {
    if (order instanceof ToDevice.Replaced) {
      return Optional.of(
          Status.ABORTED
              .withDescription("a newer stream of this device took over")
              .asRuntimeException());
    }
    if (order instanceof ToDevice.Removed removed) {
      return Optional.of(
          Status.FAILED_PRECONDITION
              .withDescription("an operator removed this device: " + removed.reason())
              .asRuntimeException());
    }
    if (order instanceof ToDevice.TwinStopped) {
      return Optional.of(
          Status.UNAVAILABLE
              .withDescription("the device's twin is restarting; connect again")
              .asRuntimeException());
    }
    return Optional.empty();
  }

  private CompletionStage<ToAgent> message(ToDevice order, long rosterVersion) {
    if (order instanceof ToDevice.Assign assign) {
      return Blocking.call(blocking, () -> permitted(assign, rosterVersion));
    }
    if (order instanceof ToDevice.BudgetInForce told) {
      return CompletableFuture.completedFuture(
          ToAgent.newBuilder().setBudget(Outgoing.budget(told.budget())).build());
    }
    if (order instanceof ToDevice.TryOut trial) {
      return Blocking.call(blocking, () -> permitted(trial, rosterVersion));
    }
    if (order instanceof ToDevice.ShowSignOfLife show) {
      return CompletableFuture.completedFuture(
          ToAgent.newBuilder()
              .setSignOfLife(SignOfLife.newBuilder().setNumber(show.number()))
              .build());
    }
    if (order instanceof ToDevice.WindowsTaken taken) {
      taken.counted().ifPresent(meters::window);
      return CompletableFuture.completedFuture(
          ToAgent.newBuilder()
              .setWindowsTaken(WindowsTaken.newBuilder().setSequence(taken.sequence()))
              .build());
    }
    throw new IllegalStateException("order: " + order + " (expected: one that is sent)");
  }
}
