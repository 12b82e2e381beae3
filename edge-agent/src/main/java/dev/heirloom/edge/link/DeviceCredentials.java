package dev.heirloom.edge.link;

import com.google.protobuf.ByteString;
import dev.heirloom.edge.identity.DeviceCertificate;
import dev.heirloom.edge.identity.DeviceIdentity;
import dev.heirloom.edge.identity.DeviceIdentity.Certified;
import dev.heirloom.edge.identity.DeviceKey;
import dev.heirloom.edge.slot.IdentityKeeper;
import dev.heirloom.proto.v1.AgentsGrpc;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.RenewRequest;
import dev.heirloom.runtime.MalformedException;
import dev.heirloom.runtime.family.Digest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * A key and a certificate for it, had in exchange for an enrolment token and renewed when two
 * thirds of its life are over. Every berth of a device shows the same. Thread-safe.
 */
public final class DeviceCredentials implements Credentials {
  private static final long CALL_SECONDS = 10;

  /** Share of a certificate's life by which a fleet's renewals spread, before and after. */
  private static final double SPREAD = 0.05;

  private static final Duration SOONEST = Duration.ofSeconds(1);
  private static final Duration SOON = Duration.ofMinutes(1);

  private final TlsChannels channels;
  private final EnrolRequest enrolment;
  private final IdentityKeeper keeper;
  private final EnrolmentToken token;
  private final Clock clock;
  private final double spread;
  private final Consumer<String> notes;
  private volatile DeviceIdentity identity;
  private volatile boolean refused;

  /**
   * Reads what the device is known by.
   *
   * @param enrolment what the device says of itself
   * @param random uniform in 0..1
   * @param notes takes lines for a person
   */
  public DeviceCredentials(
      TlsChannels channels,
      EnrolRequest enrolment,
      IdentityKeeper keeper,
      EnrolmentToken token,
      Clock clock,
      DoubleSupplier random,
      Consumer<String> notes) {
    this.channels = channels;
    this.enrolment = enrolment;
    this.keeper = keeper;
    this.token = token;
    this.clock = clock;
    this.spread = SPREAD * (2 * random.getAsDouble() - 1);
    this.notes = notes;
    this.identity = kept();
  }

  private DeviceIdentity kept() {
    DeviceIdentity none = DeviceIdentity.none(enrolment.getName());
    Optional<DeviceIdentity> kept = keeper.read();
    kept.filter(found -> !found.device().equals(none.device()))
        .ifPresent(
            other ->
                notes.accept(
                    "this state directory is known as device %s; %s is to be enrolled anew"
                        .formatted(other.device(), none.device())));
    return kept.filter(found -> found.device().equals(none.device())).orElse(none);
  }

  /** A channel over which the control plane knows the device. */
  public ManagedChannel open() {
    return channels.open(identity.certified());
  }

  @Override
  public synchronized void prepare() throws CredentialsException {
    Optional<Certified> has = identity.certified();
    boolean good =
        has.isPresent() && !refused && clock.instant().isBefore(has.get().certificate().until());
    if (good) {
      return;
    }
    Optional<String> shown = token.read();
    if (has.isEmpty() && shown.isEmpty()) {
      throw new CredentialsException(
          "this device has no certificate: --enrol-token-file FILE, or HEIRLOOM_ENROL_TOKEN, gives"
              + " it a token to be enrolled with");
    }
    Optional<Digest> exchanged = has.flatMap(Certified::token);
    if (shown.isEmpty() || shown.map(EnrolmentToken::digest).equals(exchanged)) {
      // The control plane says what is wrong with the certificate; this machine's clock may be off.
      return;
    }
    enrol(shown.get());
  }

  private void enrol(String shown) throws CredentialsException {
    DeviceKey key = nextKey();
    ByteString answer =
        ask(
            Optional.empty(),
            "not enrolled: ",
            stub ->
                stub.enrol(
                        enrolment.toBuilder()
                            .setEnrolmentToken(shown)
                            .setCertificateRequest(key.request(identity.device()))
                            .build())
                    .getCertificate());
    take(answer, Optional.of(EnrolmentToken.digest(shown)));
    refused = false;
    notes.accept("enrolled: " + name(identity.certified().orElseThrow()));
  }

  /** Is on the disk before it is asked for. */
  private DeviceKey nextKey() throws CredentialsException {
    if (identity.next().isEmpty()) {
      keep(identity.asking(DeviceKey.create()));
    }
    return identity.next().orElseThrow();
  }

  private void take(ByteString answer, Optional<Digest> shown) throws CredentialsException {
    try {
      keep(identity.certified(DeviceCertificate.parse(answer), shown));
    } catch (MalformedException e) {
      throw new CredentialsException(
          "what the control plane answered is of no use: " + e.getMessage(), e);
    }
  }

  private void keep(DeviceIdentity next) throws CredentialsException {
    try {
      keeper.keep(next);
    } catch (IOException e) {
      throw new CredentialsException(
          "what this device is known by cannot be kept: " + e.getMessage(), e);
    }
    identity = next;
  }

  private interface Call {
    ByteString make(AgentsGrpc.AgentsBlockingStub stub);
  }

  private ByteString ask(Optional<Certified> as, String failed, Call call)
      throws CredentialsException {
    ManagedChannel channel = channels.open(as);
    try {
      return call.make(
          AgentsGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS));
    } catch (StatusRuntimeException e) {
      Failure failure = Failure.of(e);
      throw new CredentialsException(
          failure.refused() ? new Failure(failure.code(), failed + failure.told()) : failure, e);
    } finally {
      channel.shutdownNow();
    }
  }

  @Override
  public Optional<Duration> untilRenewal() {
    return identity.certified().map(has -> untilRenewal(has.certificate()));
  }

  /** Never at once: clocks differ, and a try that fails is repeated. */
  private Duration untilRenewal(DeviceCertificate certificate) {
    Instant now = clock.instant();
    Duration left = Duration.between(now, certificate.until());
    Duration third = left.dividedBy(3);
    Duration soonest = third.compareTo(SOON) < 0 ? third : SOON;
    Duration due = Duration.between(now, due(certificate));
    Duration wait = due.compareTo(soonest) < 0 ? soonest : due;
    return wait.compareTo(SOONEST) < 0 ? SOONEST : wait;
  }

  private Instant due(DeviceCertificate certificate) {
    return certificate.renewedAt().plusMillis(Math.round(spread * certificate.life().toMillis()));
  }

  @Override
  public synchronized void renew() throws CredentialsException {
    Optional<Certified> has = identity.certified();
    if (has.isEmpty() || clock.instant().isBefore(due(has.get().certificate()))) {
      return;
    }
    DeviceKey key = nextKey();
    ByteString answer =
        ask(
            has,
            name(has.get()) + " was not renewed: ",
            stub ->
                stub.renew(
                        RenewRequest.newBuilder()
                            .setCertificateRequest(key.request(identity.device()))
                            .build())
                    .getCertificate());
    take(answer, Optional.empty());
    notes.accept("renewed: " + name(identity.certified().orElseThrow()));
  }

  @Override
  public String refused() {
    refused = true;
    return token.given()
        ? "; a new enrolment token, in place of the one given, enrols this device again"
        : "; --enrol-token-file FILE with a new enrolment token enrols this device again";
  }

  private static String name(Certified has) {
    return "certificate %s, valid until %s"
        .formatted(has.certificate().serial(), has.certificate().until());
  }
}
