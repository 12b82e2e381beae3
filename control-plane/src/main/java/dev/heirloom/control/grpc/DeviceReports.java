package dev.heirloom.control.grpc;

import dev.heirloom.actors.twin.DeviceTwin;
import dev.heirloom.actors.twin.ToDevice;
import dev.heirloom.control.fleet.Meters;
import dev.heirloom.control.fleet.Twins;
import dev.heirloom.proto.v1.FromAgent;
import dev.heirloom.proto.v1.Outcome;
import dev.heirloom.proto.v1.Window;
import io.grpc.StatusRuntimeException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one stream of a device says after its hello, told to the twin message by message. */
final class DeviceReports {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceReports.class);

  private final Twins twins;
  private final Meters meters;
  private final String device;
  private final long reporter;
  private final ActorRef<ToDevice> session;
  private boolean spoken;

  /**
   * @param reporter what windows are counted beneath
   * @param session the stream, as the twin knows it
   */
  DeviceReports(
      Twins twins, Meters meters, String device, long reporter, ActorRef<ToDevice> session) {
    this.twins = twins;
    this.meters = meters;
    this.device = device;
    this.reporter = reporter;
    this.session = session;
  }

  /** Tells the twin, or fails with the status that ends the stream. */
  Done take(FromAgent report) {
    try {
      twins.of(device).tell(command(report));
      return Done.getInstance();
    } catch (StatusRuntimeException e) {
      meters.refusedMessage("stream");
      throw e;
    }
  }

  private DeviceTwin.Command command(FromAgent report) {
    return switch (report.getMessageCase()) {
      case WINDOW -> window(report.getWindow());
      case OUTCOME -> told(report.getOutcome());
      case SHADOW_REPORT -> new DeviceTwin.ReportTrial(Incoming.trial(report.getShadowReport()));
      case SIGN_OF_LIFE -> new DeviceTwin.SignOfLife(report.getSignOfLife().getNumber(), session);
      case HELLO -> throw Failures.invalid("hello", "a second one in the same stream");
      case MESSAGE_NOT_SET -> throw Failures.invalid("message", "empty");
    };
  }

  /** One that is refused must not be sent for ever: it is told of here, and counts as taken. */
  private DeviceTwin.Command window(Window window) {
    try {
      return new DeviceTwin.ReportWindow(Incoming.window(window), reporter, session);
    } catch (StatusRuntimeException e) {
      if (window.getSequence() < 1) {
        throw e;
      }
      meters.refusedMessage("window");
      speak(window, e);
      return new DeviceTwin.SkipWindow(window.getSequence(), reporter, session);
    }
  }

  /** The first of a stream; a device could fill the log otherwise. */
  private void speak(Window window, StatusRuntimeException refusal) {
    if (!spoken) {
      spoken = true;
      LOG.warn(
          "window {} of {} is refused; more of this stream are counted, not told: {}",
          window.getSequence(),
          device,
          refusal.getStatus().getDescription());
    }
  }

  private static DeviceTwin.Command told(Outcome outcome) {
    return outcome.getStatus() == Outcome.Status.STATUS_ON_THE_WAY
        ? new DeviceTwin.ReportOnTheWay(
            Incoming.digest("outcome.manifest_sha256", outcome.getManifestSha256()),
            Incoming.rung("outcome.rung", outcome.getRung()))
        : new DeviceTwin.ReportOutcome(Incoming.outcome(outcome));
  }
}
