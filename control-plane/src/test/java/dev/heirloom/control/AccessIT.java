package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.certificate.CertificateAuthority;
import dev.heirloom.control.certificate.DeviceRequest;
import dev.heirloom.control.cli.CommandLineRun;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.DeviceKey;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TlsCaller;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.AuditEntry;
import dev.heirloom.proto.v1.ChangeDevicesRequest;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.CreateTokenResponse;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.ListAuditRequest;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.PinRungRequest;
import dev.heirloom.proto.v1.RemoveChange;
import dev.heirloom.proto.v1.RenewRequest;
import dev.heirloom.proto.v1.RevokeCertificateRequest;
import dev.heirloom.proto.v1.RevokeTokenRequest;
import dev.heirloom.proto.v1.Role;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A control plane that asks who calls: real TLS, real certificates, the journal's database. */
class AccessIT {
  private final Path data;
  private final String adminToken;
  private final CertificateAuthority authority;
  private ControlPlane plane;

  AccessIT(@TempDir Path directory) throws Exception {
    data = directory.resolve("data");
    CommandLineRun init = CommandLineRun.of(List.of("init", "--data", data.toString()));
    assertThat(init.code()).as(String.join("\n", init.messages())).isZero();
    adminToken =
        init.results().stream()
            .filter(line -> line.startsWith("admin token"))
            .map(line -> line.replaceAll("admin token +(\\S+).*", "$1"))
            .findFirst()
            .orElseThrow();
    authority = AccessDirectory.open(data.resolve(ControlPlane.ACCESS)).authority();
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
  }

  @AfterEach
  void stop() {
    plane.close();
  }

  private Caller bearer(String token) {
    return new Caller(TlsCaller.bearer(plane.grpcPort(), authority.certificate(), token));
  }

  private Caller admin() {
    return bearer(adminToken);
  }

  private Caller nobody() {
    return new Caller(TlsCaller.nobody(plane.grpcPort(), authority.certificate()));
  }

  private Caller device(DeviceKey key, X509Certificate certificate) {
    return new Caller(
        TlsCaller.device(
            plane.grpcPort(), authority.certificate(), key.pair().getPrivate(), certificate));
  }

  private static CreateTokenResponse token(Caller admin, Role role, int uses) {
    return admin
        .access()
        .createToken(
            CreateTokenRequest.newBuilder().setName("test").setRole(role).setUses(uses).build());
  }

  private X509Certificate enrol(DeviceKey key, String secret) {
    try (Caller caller = nobody()) {
      return DeviceKey.certificate(
          caller.blockingAgents().enrol(enrolment(key, secret)).getCertificate().toByteArray());
    }
  }

  private static EnrolRequest enrolment(DeviceKey key, String secret) {
    return EnrolRequest.newBuilder()
        .setName(key.device())
        .setProfile(TestAgent.profile())
        .setEnrolmentToken(secret)
        .setCertificateRequest(ByteString.copyFrom(key.request()))
        .build();
  }

  private static Status.Code code(Runnable call) {
    StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call::run);
    return thrown == null ? Status.Code.OK : thrown.getStatus().getCode();
  }

  /** How a stream ends. */
  private static Status.Code ending(Iterator<?> stream) {
    return code(() -> stream.forEachRemaining(message -> {}));
  }

  /** Entries come a moment after the call; newest first. */
  private AuditEntry entry(String method, String outcome, String words) {
    try (Caller caller = admin()) {
      List<AuditEntry> found = new ArrayList<>();
      Waiting.until(
          () -> {
            caller
                .access()
                .listAudit(ListAuditRequest.getDefaultInstance())
                .getEntriesList()
                .stream()
                .filter(entry -> entry.getMethod().equals(method))
                .filter(entry -> entry.getOutcome().equals(outcome))
                .filter(entry -> entry.getReason().contains(words))
                .forEach(found::add);
            return !found.isEmpty();
          });
      return found.get(0);
    }
  }

  @Test
  void whoeverShowsNothingIsRefusedAndNamed() {
    try (Caller caller = nobody()) {
      assertThat(code(() -> caller.fleet().listDevices(ListDevicesRequest.getDefaultInstance())))
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
    assertThat(entry("Fleet/ListDevices", "UNAUTHENTICATED", "viewer").getIdentity())
        .isEqualTo("nobody");
  }

  @Test
  void plainTextGetsNoAnswer() {
    try (Caller caller = new Caller(plane.grpcPort())) {
      assertThat(code(() -> caller.fleet().listDevices(ListDevicesRequest.getDefaultInstance())))
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void anOperatorsDeedsAndRefusalsAreOnRecordAlsoAfterARestart() throws Exception {
    String secret;
    String id;
    try (Caller admin = admin()) {
      CreateTokenResponse made = token(admin, Role.ROLE_OPERATOR, 0);
      secret = made.getSecret();
      id = made.getToken().getId();
    }
    try (Caller operator = bearer(secret)) {
      assertThat(code(() -> operator.access().listAudit(ListAuditRequest.getDefaultInstance())))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      PinRungRequest pin = PinRungRequest.newBuilder().setName("cam-9").setRung(2).build();
      assertThat(code(() -> operator.fleet().pinRung(pin))).isEqualTo(Status.Code.NOT_FOUND);
    }
    plane.close();
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    AuditEntry pinned = entry("Fleet/PinRung", "NOT_FOUND", "cam-9");
    assertThat(pinned.getIdentity()).isEqualTo("token test (" + id + ")");
    assertThat(pinned.getObject()).isEqualTo("cam-9");
    assertThat(entry("Access/ListAudit", "PERMISSION_DENIED", "role operator").getIdentity())
        .isEqualTo("token test (" + id + ")");
    assertThat(entry("Access/CreateToken", "OK", "").getIdentity()).startsWith("token first-admin");
  }

  @Test
  void aRevokedTokenIsOfNoUseAndItsStreamsEnd() {
    try (Caller admin = admin()) {
      CreateTokenResponse made = token(admin, Role.ROLE_VIEWER, 0);
      try (Caller viewer = bearer(made.getSecret())) {
        var watch = viewer.fleet().watch(dev.heirloom.proto.v1.WatchRequest.getDefaultInstance());
        assertThat(code(() -> viewer.fleet().listDevices(ListDevicesRequest.getDefaultInstance())))
            .isEqualTo(Status.Code.OK);
        admin
            .access()
            .revokeToken(RevokeTokenRequest.newBuilder().setId(made.getToken().getId()).build());
        assertThat(ending(watch)).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(code(() -> viewer.fleet().listDevices(ListDevicesRequest.getDefaultInstance())))
            .isEqualTo(Status.Code.UNAUTHENTICATED);
      }
    }
    entry("Fleet/ListDevices", "UNAUTHENTICATED", "is revoked");
  }

  @Test
  void theAuditLogSaysWhatWasRevokedAndWhatWasChangedInBulk() {
    try (Caller admin = admin()) {
      String id = token(admin, Role.ROLE_OPERATOR, 0).getToken().getId();
      admin.access().revokeToken(RevokeTokenRequest.newBuilder().setId(id).build());
      assertThat(entry("Access/RevokeToken", "OK", "").getObject()).isEqualTo(id);
      assertThat(entry("Access/CreateToken", "OK", "ROLE_OPERATOR").getObject()).isEqualTo("test");
      admin
          .fleet()
          .changeDevices(
              ChangeDevicesRequest.newBuilder()
                  .putSelector("site", "north")
                  .setRemove(RemoveChange.newBuilder().setReason("sold"))
                  .build())
          .forEachRemaining(answer -> {});
    }
    assertThat(entry("Fleet/ChangeDevices", "OK", "remove").getReason())
        .contains("north")
        .contains("sold");
  }

  @Test
  void aControlPlaneThatLostItsAuthoritysCertificateDoesNotAskNobody() throws Exception {
    plane.close();
    Path certificate = data.resolve(ControlPlane.ACCESS).resolve("ca.crt");
    Path away = Files.move(certificate, data.resolveSibling("ca.crt"));
    assertThat(
            catchThrowableOfType(
                StartException.class,
                () -> plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0))))
        .hasMessageContaining("ca.crt: missing");
    Files.move(away, certificate);
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
  }

  @Test
  void aDeviceSpeaksForItselfOnly() throws Exception {
    DeviceKey key = DeviceKey.of("cam-1");
    X509Certificate certificate;
    try (Caller admin = admin()) {
      certificate = enrol(key, token(admin, Role.ROLE_ENROLMENT, 1).getSecret());
    }
    try (Caller caller = device(key, certificate)) {
      TestAgent.enrol(caller, "cam-1");
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 0)) {
        agent.budget();
      }
      try (TestAgent agent = TestAgent.connect(caller, "cam-2", 0)) {
        assertThat(Status.fromThrowable(agent.end()).getCode())
            .isEqualTo(Status.Code.PERMISSION_DENIED);
      }
      assertThat(code(() -> TestAgent.enrol(caller, "cam-2")))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      FetchRequest others = FetchRequest.newBuilder().setDevice("cam-2").build();
      assertThat(ending(caller.blockingAgents().fetch(others)))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      GetDeviceRequest self = GetDeviceRequest.newBuilder().setName("cam-1").build();
      assertThat(code(() -> caller.fleet().getDevice(self)))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
    }
    assertThat(entry("Agents/Connect", "PERMISSION_DENIED", "for itself only").getObject())
        .isEqualTo("cam-2");
  }

  @Test
  void aDeviceMakesNoTwinsWithoutEnd() throws Exception {
    DeviceKey key = DeviceKey.of("cam-1");
    X509Certificate certificate;
    try (Caller admin = admin()) {
      certificate = enrol(key, token(admin, Role.ROLE_ENROLMENT, 1).getSecret());
    }
    try (Caller caller = device(key, certificate)) {
      for (int family = 0; family < 32; family++) {
        TestAgent.enrol(caller, "cam-1/family-" + family);
      }
      assertThat(code(() -> TestAgent.enrol(caller, "cam-1/family-32")))
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      TestAgent.enrol(caller, "cam-1/family-31");
    }
    entry("Agents/Enrol", "RESOURCE_EXHAUSTED", "32 names");
  }

  @Test
  void anEnrolmentTokenIsGoodOnceButItsAnswerMayBeLost() throws Exception {
    String secret;
    try (Caller admin = admin()) {
      secret = token(admin, Role.ROLE_ENROLMENT, 1).getSecret();
    }
    DeviceKey key = DeviceKey.of("cam-1");
    X509Certificate certificate = enrol(key, secret);
    assertThat(enrol(key, secret)).isEqualTo(certificate);
    assertThat(code(() -> enrol(DeviceKey.of("cam-2"), secret)))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(entry("Agents/Enrol", "UNAUTHENTICATED", "used up").getObject()).isEqualTo("cam-2");
    assertThat(code(() -> enrol(DeviceKey.of("cam-1"), secret)))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    entry("Agents/Enrol", "UNAUTHENTICATED", "has a certificate");
    assertThat(code(() -> enrol(DeviceKey.of("cam-3"), "heirloom_nonsense")))
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(code(() -> enrol(DeviceKey.of("cam-3"), adminToken)))
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void aRevokedCertificateIsRefusedAndItsStreamsEnd() throws Exception {
    DeviceKey key = DeviceKey.of("cam-1");
    try (Caller admin = admin()) {
      X509Certificate certificate = enrol(key, token(admin, Role.ROLE_ENROLMENT, 1).getSecret());
      try (Caller caller = device(key, certificate)) {
        TestAgent.enrol(caller, "cam-1");
        TestAgent agent = TestAgent.connect(caller, "cam-1", 0);
        agent.budget();
        admin
            .access()
            .revokeCertificate(RevokeCertificateRequest.newBuilder().setDevice("cam-1").build());
        assertThat(Status.fromThrowable(agent.end()).getCode())
            .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(code(() -> TestAgent.enrol(caller, "cam-1")))
            .isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(
                code(
                    () ->
                        caller
                            .blockingAgents()
                            .renew(
                                RenewRequest.newBuilder()
                                    .setCertificateRequest(ByteString.copyFrom(key.request()))
                                    .build())))
            .isEqualTo(Status.Code.UNAUTHENTICATED);
        entry("Agents/Enrol", "UNAUTHENTICATED", "of device cam-1 is revoked");
      }
      X509Certificate again = enrol(key, token(admin, Role.ROLE_ENROLMENT, 1).getSecret());
      try (Caller caller = device(key, again)) {
        assertThat(code(() -> TestAgent.enrol(caller, "cam-1"))).isEqualTo(Status.Code.OK);
      }
    }
  }

  @Test
  void expiredForeignAndSelfSignedCertificatesAreRefusedByName() throws Exception {
    DeviceKey key = DeviceKey.of("cam-1");
    DeviceRequest request = DeviceRequest.parse(key.request());
    Duration hour = Duration.ofHours(1);
    Instant now = Instant.now();
    refusedAs(key, authority.device(request, now.minus(Duration.ofHours(2)), hour), "expired");
    refusedAs(key, CertificateAuthority.create(now, hour).device(request, now, hour), "foreign");
    refusedAs(key, DeviceKey.selfSigned(key), "self-signed");
    refusedAs(
        key,
        authority.server(key.pair().getPublic(), List.of("localhost"), now, hour),
        "is not a device's");
  }

  private void refusedAs(DeviceKey key, X509Certificate certificate, String name) {
    try (Caller caller = device(key, certificate)) {
      StatusRuntimeException thrown =
          catchThrowableOfType(
              StatusRuntimeException.class, () -> TestAgent.enrol(caller, key.device()));
      assertThat(thrown.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(thrown.getStatus().getDescription()).contains(name);
    }
    entry("Agents/Enrol", "UNAUTHENTICATED", name);
  }

  @Test
  void aCertificateIsRenewed() throws Exception {
    DeviceKey key = DeviceKey.of("cam-1");
    X509Certificate first;
    try (Caller admin = admin()) {
      first = enrol(key, token(admin, Role.ROLE_ENROLMENT, 1).getSecret());
    }
    DeviceKey next = DeviceKey.of("cam-1");
    X509Certificate second;
    try (Caller caller = device(key, first)) {
      second =
          DeviceKey.certificate(
              caller
                  .blockingAgents()
                  .renew(
                      RenewRequest.newBuilder()
                          .setCertificateRequest(ByteString.copyFrom(next.request()))
                          .build())
                  .getCertificate()
                  .toByteArray());
      DeviceKey other = DeviceKey.of("cam-2");
      assertThat(
              code(
                  () ->
                      caller
                          .blockingAgents()
                          .renew(
                              RenewRequest.newBuilder()
                                  .setCertificateRequest(ByteString.copyFrom(other.request()))
                                  .build())))
          .isEqualTo(Status.Code.INVALID_ARGUMENT);
    }
    assertThat(second.getSerialNumber()).isNotEqualTo(first.getSerialNumber());
    try (Caller caller = device(next, second)) {
      TestAgent.enrol(caller, "cam-1");
    }
    entry("Agents/Renew", "OK", "in place of");
  }

  @Test
  void aTokenThatRunsOutIsOfNoUseAndItsStreamsEnd() {
    try (Caller admin = admin()) {
      CreateTokenResponse made =
          admin
              .access()
              .createToken(
                  CreateTokenRequest.newBuilder()
                      .setName("short")
                      .setRole(Role.ROLE_VIEWER)
                      .setValidMs(3_000)
                      .build());
      try (Caller viewer = bearer(made.getSecret())) {
        var watch = viewer.fleet().watch(dev.heirloom.proto.v1.WatchRequest.getDefaultInstance());
        ListDevicesRequest list = ListDevicesRequest.getDefaultInstance();
        assertThat(code(() -> viewer.fleet().listDevices(list))).isEqualTo(Status.Code.OK);
        Waiting.until(
            () -> code(() -> viewer.fleet().listDevices(list)) == Status.Code.UNAUTHENTICATED);
        assertThat(ending(watch)).isEqualTo(Status.Code.UNAUTHENTICATED);
      }
    }
    entry("Fleet/ListDevices", "UNAUTHENTICATED", "has expired");
  }

  @Test
  void whoeverCallsTooOftenIsHeldBackAndNobodyElse() {
    try (Caller admin = admin();
        Caller viewer = bearer(token(admin, Role.ROLE_VIEWER, 0).getSecret())) {
      ListDevicesRequest list = ListDevicesRequest.getDefaultInstance();
      Waiting.until(
          () -> code(() -> viewer.fleet().listDevices(list)) == Status.Code.RESOURCE_EXHAUSTED);
      assertThat(code(() -> admin.fleet().listDevices(list))).isEqualTo(Status.Code.OK);
    }
    entry("Fleet/ListDevices", "RESOURCE_EXHAUSTED", "calls too often");
  }

  @Test
  void whoeverIsRefusedAgainAndAgainFillsNoLog() {
    try (Caller caller = bearer("heirloom_nonsense")) {
      ListDevicesRequest list = ListDevicesRequest.getDefaultInstance();
      Waiting.until(
          () -> code(() -> caller.fleet().listDevices(list)) == Status.Code.RESOURCE_EXHAUSTED);
    }
    entry("Fleet/ListDevices", "RESOURCE_EXHAUSTED", "refused too often");
  }

  @Test
  void aFleetComesBackFromABackupWithItsAuthorityItsTokensAndWhatWasRevoked() throws Exception {
    DeviceKey key = DeviceKey.of("cam-1");
    DeviceKey gone = DeviceKey.of("cam-2");
    X509Certificate certificate;
    X509Certificate revoked;
    try (Caller admin = admin()) {
      String secret = token(admin, Role.ROLE_ENROLMENT, 2).getSecret();
      certificate = enrol(key, secret);
      revoked = enrol(gone, secret);
      admin
          .access()
          .revokeCertificate(RevokeCertificateRequest.newBuilder().setDevice("cam-2").build());
    }
    Path restored = data.resolveSibling("restored");
    String file = data.resolveSibling("fleet.zip").toString();
    Path token = Files.writeString(data.resolveSibling("token"), adminToken);
    String authorityFile = data.resolve(ControlPlane.ACCESS).resolve("ca.crt").toString();
    CommandLineRun backup =
        CommandLineRun.of(
            List.of("backup", file, "--control-plane", "localhost:" + plane.grpcPort()),
            "--ca",
            authorityFile,
            "--token-file",
            token.toString());
    assertThat(backup.code()).as(String.join("\n", backup.messages())).isZero();
    assertThat(CommandLineRun.of(List.of("restore", file, "--data", restored.toString())).code())
        .isZero();
    plane.close();
    plane = ControlPlane.start(new ControlPlaneSettings(restored, 0, 0));
    try (Caller caller = device(key, certificate)) {
      assertThat(code(() -> TestAgent.enrol(caller, "cam-1"))).isEqualTo(Status.Code.OK);
    }
    try (Caller caller = device(gone, revoked)) {
      assertThat(code(() -> TestAgent.enrol(caller, "cam-2")))
          .isEqualTo(Status.Code.UNAUTHENTICATED);
    }
    entry("Agents/Enrol", "UNAUTHENTICATED", "of device cam-2 is revoked");
  }
}
