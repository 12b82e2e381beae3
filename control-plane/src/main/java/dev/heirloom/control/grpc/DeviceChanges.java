package dev.heirloom.control.grpc;

import dev.heirloom.actors.fleet.DeviceStatus;
import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.view.FleetView;
import dev.heirloom.control.fleet.Twins;
import dev.heirloom.control.fleet.UnknownDeviceException;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.ChangeDevicesResponse;
import dev.heirloom.proto.v1.ChangePlan;
import dev.heirloom.proto.v1.DeviceResult;
import dev.heirloom.proto.v1.DeviceResult.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.javadsl.Source;

/**
 * Changes to many devices in one call: each is asked of its own twin, and answered for by itself.
 * What one refuses keeps no other from changing.
 */
final class DeviceChanges {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int AT_ONCE = 32;

  private final Twins twins;
  private final ActorRef<FleetView.Command> view;
  private final ActorSystem<?> system;

  DeviceChanges(Twins twins, ActorRef<FleetView.Command> view, ActorSystem<?> system) {
    this.twins = twins;
    this.view = view;
    this.system = system;
  }

  /** What is asked of every twin. */
  interface Change extends Function<ActorRef<StatusReply<DeviceStatus>>, DeviceTwin.Command> {}

  /** The answer to one call, to be run once. */
  Source<ChangeDevicesResponse, NotUsed> of(ChangeDevicesRequest request) {
    Change change = request.getDryRun() ? dry(request) : DeviceChangeMessages.change(request);
    Status done = request.getDryRun() ? Status.STATUS_WOULD_CHANGE : Status.STATUS_CHANGED;
    return Source.completionStage(names(request))
        .flatMapConcat(
            names -> {
              requireFew(request, names.size());
              return Source.single(plan(names.size()))
                  .concat(
                      Source.from(names)
                          .mapAsyncUnordered(AT_ONCE, name -> result(name, change, done)));
            });
  }

  /** Looks whether the change could be one, then asks no more than how a device is. */
  private static Change dry(ChangeDevicesRequest request) {
    DeviceChangeMessages.change(request);
    return DeviceTwin.GetStatus::new;
  }

  private CompletionStage<List<String>> names(ChangeDevicesRequest request) {
    DeviceChangeMessages.requireOneTarget(request);
    if (request.getNamesCount() > 0) {
      return CompletableFuture.completedFuture(DeviceChangeMessages.names(request));
    }
    Map<String, String> selector = Incoming.selector(request.getSelectorMap());
    return AskPattern.ask(
        view, replyTo -> new FleetView.ListNames(selector, replyTo), PATIENCE, system.scheduler());
  }

  private static void requireFew(ChangeDevicesRequest request, int devices) {
    int most = request.getAtMost();
    if (most != 0 && Integer.compareUnsigned(devices, most) > 0) {
      throw Failures.refused(
          "%d devices match (expected: at most %s); nothing was changed"
              .formatted(devices, Integer.toUnsignedString(most)));
    }
  }

  private CompletionStage<ChangeDevicesResponse> result(String name, Change change, Status done) {
    return twins
        .<DeviceStatus>ask(name, change)
        .handle(
            (device, failure) ->
                failure == null ? message(name, done, "") : refused(name, failure));
  }

  private static ChangeDevicesResponse refused(String name, Throwable thrown) {
    Throwable failure = Failures.unwrapped(thrown);
    if (failure instanceof UnknownDeviceException) {
      return message(name, Status.STATUS_UNKNOWN_DEVICE, "no such device");
    }
    if (failure instanceof StatusReply.ErrorMessage refusal) {
      return message(name, Status.STATUS_REFUSED, String.valueOf(refusal.getMessage()));
    }
    if (failure instanceof TimeoutException) {
      return message(name, Status.STATUS_NO_ANSWER, "no answer in time");
    }
    throw Failures.of(failure);
  }

  private static ChangeDevicesResponse plan(int devices) {
    return ChangeDevicesResponse.newBuilder()
        .setPlan(ChangePlan.newBuilder().setDevices(devices))
        .build();
  }

  private static ChangeDevicesResponse message(String name, Status status, String why) {
    return ChangeDevicesResponse.newBuilder()
        .setResult(DeviceResult.newBuilder().setName(name).setStatus(status).setMessage(why))
        .build();
  }
}
