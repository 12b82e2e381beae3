package dev.heirloom.control.grpc;

import com.google.protobuf.ByteString;
import dev.heirloom.control.access.Access;
import dev.heirloom.control.access.DeviceCertificate;
import dev.heirloom.control.access.Identity;
import dev.heirloom.control.access.Refusal;
import dev.heirloom.control.access.RefusedException;
import dev.heirloom.control.access.TokenSecret;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.RenewRequest;
import dev.heirloom.proto.v1.RenewResponse;
import dev.heirloom.runtime.MalformedException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Gives devices their certificates, and writes down to whom, for what, and to whom not. */
final class Enrolments {
  private static final String ENROL = "heirloom.v1.Agents/Enrol";
  private static final String RENEW = "heirloom.v1.Agents/Renew";

  private final Access access;
  private final Refusals refusals;
  private final Executor blocking;
  private final EnrolledNames names = new EnrolledNames();

  Enrolments(Access access, Refusals refusals, Executor blocking) {
    this.access = access;
    this.refusals = refusals;
    this.blocking = blocking;
  }

  private interface Issue {
    DeviceCertificate issue() throws RefusedException, MalformedException, IOException;
  }

  /**
   * The certificate for an enrolment; none where nobody is asked who he is, or where the device
   * came with one.
   */
  CompletionStage<Optional<ByteString>> enrol(String device, EnrolRequest request) {
    Identity caller = AccessInterceptor.CALLER.get();
    String peer = AccessInterceptor.PEER.get();
    if (caller instanceof Identity.Device && !names.take(device)) {
      Refusal refusal =
          new Refusal(
              Refusal.Kind.RATE,
              "%s has enrolled %d names already (an agent serves 8 families)"
                  .formatted(caller.label(), EnrolledNames.MOST));
      throw refusals.of(refusal, caller, peer, ENROL, device).asRuntimeException();
    }
    if (caller instanceof Identity.Local || caller instanceof Identity.Device) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    if (device.contains("/")) {
      throw Failures.invalid("name", "a second family enrols with the device's certificate");
    }
    String secret = request.getEnrolmentToken();
    if (secret.isEmpty()) {
      Refusal refusal =
          new Refusal(
              Refusal.Kind.UNKNOWN,
              "device " + device + " showed neither a certificate nor an enrolment token");
      throw refusals.of(refusal, caller, peer, ENROL, device).asRuntimeException();
    }
    String by =
        TokenSecret.parse(secret).map(token -> "by token " + token.id()).orElse("by no token");
    byte[] wanted = request.getCertificateRequest().toByteArray();
    return Blocking.call(
        blocking,
        () ->
            Optional.of(
                issued(
                    () -> access.devices().enrol(device, secret, wanted),
                    caller,
                    peer,
                    ENROL,
                    device,
                    by)));
  }

  /** A new certificate for the device that calls. */
  CompletionStage<RenewResponse> renew(RenewRequest request) {
    Identity caller = AccessInterceptor.CALLER.get();
    String peer = AccessInterceptor.PEER.get();
    if (!(caller instanceof Identity.Device device)) {
      throw Failures.refused("only a device with a certificate can have it renewed");
    }
    byte[] wanted = request.getCertificateRequest().toByteArray();
    return Blocking.call(
        blocking,
        () ->
            RenewResponse.newBuilder()
                .setCertificate(
                    issued(
                        () -> access.devices().renew(device, wanted),
                        caller,
                        peer,
                        RENEW,
                        device.name(),
                        "in place of " + device.serial()))
                .build());
  }

  private ByteString issued(
      Issue issue, Identity caller, String peer, String method, String device, String how)
      throws MalformedException, IOException {
    try {
      DeviceCertificate issued = issue.issue();
      String brief = method.substring(method.lastIndexOf('.') + 1);
      String what = "certificate " + issued.serial() + " " + how;
      access.record(caller, peer, brief, device, "OK", what);
      return ByteString.copyFrom(issued.encoded().der());
    } catch (RefusedException e) {
      throw refusals.of(e.refusal(), caller, peer, method, device).asRuntimeException();
    }
  }
}
