package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.certificate.CertificateAuthority;
import dev.heirloom.control.cli.CommandLineRun;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.DeviceKey;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.fixture.TlsCaller;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.AbortRolloutRequest;
import dev.heirloom.proto.v1.AuditEntry;
import dev.heirloom.proto.v1.CreateRolloutRequest;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.EnrolRequest;
import dev.heirloom.proto.v1.ListAuditRequest;
import dev.heirloom.proto.v1.ListRolloutsRequest;
import dev.heirloom.proto.v1.Role;
import dev.heirloom.proto.v1.RolloutSpec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may begin and stop rollouts where a control plane asks who calls. */
class RolloutAccessIT {
  private final ControlPlane plane;
  private final CertificateAuthority authority;
  private final Caller admin;
  private final Caller cameras;
  private final TestAgent agent;

  RolloutAccessIT(@TempDir Path directory) throws Exception {
    Path data = directory.resolve("data");
    CommandLineRun init = CommandLineRun.of(List.of("init", "--data", data.toString()));
    String token =
        init.results().stream()
            .filter(line -> line.startsWith("admin token"))
            .map(line -> line.split(" +", -1)[2])
            .findFirst()
            .orElseThrow();
    authority = AccessDirectory.open(data.resolve(ControlPlane.ACCESS)).authority();
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    admin = bearer(token);
    admin.publish(TinyFamily.small());
    DeviceKey key = DeviceKey.of("cam-1");
    cameras =
        new Caller(
            TlsCaller.device(
                plane.grpcPort(), authority.certificate(), key.pair().getPrivate(), enrol(key)));
    agent = TestAgent.connect(cameras, "cam-1", 0);
    Desired first = agent.desired();
    agent.installed(first);
    admin.hold(TinyFamily.of("tiny", 8, 2));
  }

  @AfterEach
  void stop() {
    agent.close();
    cameras.close();
    admin.close();
    plane.close();
  }

  private Caller bearer(String token) {
    return new Caller(TlsCaller.bearer(plane.grpcPort(), authority.certificate(), token));
  }

  private String secret(Role role, String... devices) {
    return admin
        .access()
        .createToken(
            CreateTokenRequest.newBuilder()
                .setName(role.name())
                .setRole(role)
                .addAllDevices(List.of(devices))
                .build())
        .getSecret();
  }

  private X509Certificate enrol(DeviceKey key) throws Exception {
    try (Caller nobody = new Caller(TlsCaller.nobody(plane.grpcPort(), authority.certificate()))) {
      EnrolRequest request =
          EnrolRequest.newBuilder()
              .setName(key.device())
              .setProfile(TestAgent.profile())
              .setEnrolmentToken(secret(Role.ROLE_ENROLMENT))
              .setCertificateRequest(ByteString.copyFrom(key.request()))
              .build();
      return DeviceKey.certificate(
          nobody.blockingAgents().enrol(request).getCertificate().toByteArray());
    }
  }

  private static CreateRolloutRequest spring() {
    return CreateRolloutRequest.newBuilder()
        .setSpec(RolloutSpec.newBuilder().setName("spring").setFamily("tiny"))
        .build();
  }

  private static AbortRolloutRequest abort() {
    return AbortRolloutRequest.newBuilder().setName("spring").build();
  }

  private static Status.Code code(Runnable call) {
    StatusRuntimeException thrown = catchThrowableOfType(StatusRuntimeException.class, call::run);
    return thrown == null ? Status.Code.OK : thrown.getStatus().getCode();
  }

  private boolean recorded(String method, String outcome, String identity, String peer) {
    return admin.access().listAudit(ListAuditRequest.getDefaultInstance()).getEntriesList().stream()
        .filter(entry -> entry.getMethod().equals(method))
        .filter(entry -> entry.getOutcome().equals(outcome))
        .filter(entry -> entry.getIdentity().contains(identity))
        .filter(entry -> entry.getPeer().contains(peer))
        .map(AuditEntry::getObject)
        .anyMatch("spring"::equals);
  }

  @Test
  void aTokenForSomeDevicesReachesNoneThroughARollout() {
    try (Caller scoped = bearer(secret(Role.ROLE_OPERATOR, "lab-*"));
        Caller viewer = bearer(secret(Role.ROLE_VIEWER))) {
      assertThat(code(() -> scoped.fleet().createRollout(spring())))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(code(() -> viewer.fleet().createRollout(spring())))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(code(() -> admin.fleet().createRollout(spring()))).isEqualTo(Status.Code.OK);
      assertThat(code(() -> scoped.fleet().abortRollout(abort())))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(code(() -> viewer.fleet().abortRollout(abort())))
          .isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(
              viewer
                  .fleet()
                  .listRollouts(ListRolloutsRequest.getDefaultInstance())
                  .getRolloutsCount())
          .isEqualTo(1);
    }
    Waiting.until(() -> recorded("Fleet/CreateRollout", "OK", "first-admin", ""));
  }

  private HttpResponse<String> press(String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("https://localhost:" + plane.httpPort() + "/api/rollouts/spring/abort"))
            .header("X-Heirloom", "stop")
            .POST(HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newBuilder()
        .sslContext(TlsCaller.trusting(authority.certificate()))
        .build()
        .send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void theStopButtonAsksWhoPressesIt() throws Exception {
    admin.fleet().createRollout(spring());

    assertThat(press().statusCode()).isEqualTo(401);
    assertThat(press("Authorization", "Bearer heirloom_nonsense").statusCode()).isEqualTo(401);
    assertThat(press("Authorization", "Bearer " + secret(Role.ROLE_VIEWER)).statusCode())
        .isEqualTo(403);
    assertThat(press("Authorization", "Bearer " + secret(Role.ROLE_OPERATOR, "lab-*")).statusCode())
        .isEqualTo(403);
    HttpResponse<String> stopped = press("Authorization", "Bearer " + secret(Role.ROLE_OPERATOR));
    assertThat(stopped.statusCode()).as(stopped.body()).isEqualTo(200);
    Waiting.until(() -> recorded("Fleet/AbortRollout", "OK", "ROLE_OPERATOR", "127.0.0.1"));
    Waiting.until(() -> recorded("Fleet/AbortRollout", "401", "nobody", "127.0.0.1"));
  }
}
