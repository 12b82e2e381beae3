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

  /** Clocks of devices drift; less than this is not worth a line. */
  private static final Duration UNREMARKABLE = Duration.ofMinutes(5);

  private final TlsChannels channels;
  private final EnrolRequest enrolment;
  private final IdentityKeeper keeper;
  private final EnrolmentToken token;
  private final Clock clock;
  private final RenewalTime renewals;
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
    this.renewals = new RenewalTime(random.getAsDouble());
    this.notes = notes;
    this.identity = kept();
  }

  private DeviceIdentity kept() {
    String device = enrolment.getName();
    return keeper.read(device).orElse(DeviceIdentity.none(device));
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
      DeviceCertificate issued = DeviceCertificate.parse(answer);
      keep(identity.certified(issued, shown));
      Instant now = clock.instant();
      renewals.taken(now);
      Duration ahead = RenewalTime.ahead(issued.life(), now);
      if (ahead.compareTo(UNREMARKABLE) > 0) {
        notes.accept(
            "the clock of this device is wrong: it is ahead by about %d minutes"
                .formatted(ahead.toMinutes()));
      }
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
  public synchronized Optional<Duration> untilRenewal() {
    return identity
        .certified()
        .map(has -> renewals.until(has.certificate().life(), clock.instant()));
  }

  @Override
  public synchronized void renew() throws CredentialsException {
    Optional<Certified> has = identity.certified();
    if (has.isEmpty() || !renewals.isDue(has.get().certificate().life(), clock.instant())) {
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
