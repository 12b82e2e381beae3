package dev.heirloom.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.DeliverySettings;
import dev.heirloom.control.certificate.AccessDirectory;
import dev.heirloom.control.cli.CommandLineRun;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TlsCaller;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.AuditEntry;
import dev.heirloom.proto.v1.CreateTokenRequest;
import dev.heirloom.proto.v1.CreateTokenResponse;
import dev.heirloom.proto.v1.ListAuditRequest;
import dev.heirloom.proto.v1.RevokeTokenRequest;
import dev.heirloom.proto.v1.Role;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pages of a control plane that asks who looks. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageAccessIT {
  private final ControlPlane plane;
  private final Caller admin;
  private final HttpClient client;

  PageAccessIT(@TempDir Path directory) throws Exception {
    String data = directory.resolve("data").toString();
    CommandLineRun init = CommandLineRun.of(List.of("init", "--data", data));
    assertThat(init.code()).isZero();
    String token =
        init.results().stream()
            .filter(line -> line.startsWith("admin token"))
            .map(line -> line.replaceAll("admin token +(\\S+).*", "$1"))
            .findFirst()
            .orElseThrow();
    X509Certificate authority =
        AccessDirectory.open(Path.of(data, ControlPlane.ACCESS)).authority().certificate();
    plane =
        ControlPlane.start(
            new ControlPlaneSettings(
                Path.of(data), 0, 0, "0.0.0.0", false, DeliverySettings.UNLIMITED));
    admin = new Caller(TlsCaller.bearer(plane.grpcPort(), authority, token));
    client = HttpClient.newBuilder().sslContext(TlsCaller.trusting(authority)).build();
  }

  @AfterAll
  void stop() {
    admin.close();
    plane.close();
  }

  private CreateTokenResponse token(Role role, String... devices) {
    return admin
        .access()
        .createToken(
            CreateTokenRequest.newBuilder()
                .setName("looker")
                .setRole(role)
                .setUses(role == Role.ROLE_ENROLMENT ? 1 : 0)
                .addAllDevices(List.of(devices))
                .build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://localhost:" + plane.httpPort() + path))
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(path);
    return send(headers.length > 0 ? request.headers(headers) : request);
  }

  private HttpResponse<String> login(String token) throws Exception {
    return send(
        request("/login")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString("token=" + token)));
  }

  private static String bearer(CreateTokenResponse token) {
    return "Bearer " + token.getSecret();
  }

  private AuditEntry recorded(String method, String words) {
    List<AuditEntry> found = new ArrayList<>();
    Waiting.until(
        () -> {
          admin.access().listAudit(ListAuditRequest.getDefaultInstance()).getEntriesList().stream()
              .filter(entry -> entry.getMethod().equals(method))
              .filter(entry -> entry.getReason().contains(words))
              .forEach(found::add);
          return !found.isEmpty();
        });
    return found.get(0);
  }

  @Test
  void whoeverShowsNothingSeesHealthAndTheFormOnly() throws Exception {
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(200);
    assertThat(get("/login").body()).contains("name=\"token\"");
    assertThat(get("/app.css").statusCode()).isEqualTo(200);
    assertThat(get("/").statusCode()).isEqualTo(303);
    assertThat(get("/").headers().firstValue("location")).contains("/login");
    for (String path :
        List.of(
            "/api/devices", "/api/families", "/api/devices/events", "/api/devices/x", "/metrics")) {
      assertThat(get(path).statusCode()).as(path).isEqualTo(401);
    }
    assertThat(recorded("GET /api/devices", "viewer").getOutcome()).isEqualTo("401");
  }

  @Test
  void anotherSitesFormLetsNobodyInAndNobodyOut() throws Exception {
    String form = "token=" + token(Role.ROLE_VIEWER).getSecret();
    for (String[] from :
        new String[][] {
          {"Sec-Fetch-Site", "cross-site"},
          {"Sec-Fetch-Site", "same-site"},
          {"Origin", "https://elsewhere.example"}
        }) {
      for (String path : List.of("/login", "/logout")) {
        HttpResponse<String> answer =
            send(
                request(path)
                    .headers(from)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(form)));
        assertThat(answer.statusCode()).as(path).isEqualTo(403);
        assertThat(answer.headers().firstValue("set-cookie")).as(path).isEmpty();
        assertThat(answer.body()).contains("another site");
      }
    }
    // As a browser sends the form of a page that tells no referrer.
    HttpResponse<String> own =
        send(
            request("/login")
                .headers("Origin", "null", "Sec-Fetch-Site", "same-origin")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
    assertThat(own.statusCode()).isEqualTo(303);
  }

  @Test
  void whatIsNotThereIsAnsweredAsGuardedAsWhatIs() throws Exception {
    String header = bearer(token(Role.ROLE_VIEWER));
    HttpResponse<String> answer = get("/nothing", "Authorization", header);
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.headers().firstValue("x-content-type-options")).contains("nosniff");
    assertThat(answer.headers().firstValue("content-security-policy")).isPresent();
  }

  @Test
  void aViewersTokenOpensThePagesAsAHeader() throws Exception {
    String header = bearer(token(Role.ROLE_VIEWER));
    for (String path : List.of("/", "/app.js", "/api/devices", "/api/families", "/metrics")) {
      assertThat(get(path, "Authorization", header).statusCode()).as(path).isEqualTo(200);
    }
  }

  @Test
  void theFormMakesACookieThatNoScriptAndNoOtherSiteCanUse() throws Exception {
    CreateTokenResponse token = token(Role.ROLE_VIEWER);
    HttpResponse<String> opened = login(token.getSecret());
    assertThat(opened.statusCode()).isEqualTo(303);
    String cookie = opened.headers().firstValue("set-cookie").orElseThrow();
    assertThat(cookie).contains("HttpOnly").contains("Secure").contains("SameSite=Strict");
    String shown = cookie.substring(0, cookie.indexOf(';'));
    assertThat(get("/", "Cookie", shown).body()).contains("Devices");
    assertThat(get("/api/devices", "Cookie", shown).statusCode()).isEqualTo(200);
    admin
        .access()
        .revokeToken(RevokeTokenRequest.newBuilder().setId(token.getToken().getId()).build());
    assertThat(get("/", "Cookie", shown).statusCode()).isEqualTo(303);
    assertThat(get("/api/devices", "Cookie", shown).statusCode()).isEqualTo(401);
    recorded("GET /api/devices", "is revoked");
    HttpResponse<String> left = send(request("/logout").POST(HttpRequest.BodyPublishers.noBody()));
    assertThat(left.headers().firstValue("set-cookie").orElseThrow()).contains("Max-Age=0");
  }

  @Test
  void tokensOfOtherRolesOrForSomeDevicesOnlyOpenNothing() throws Exception {
    assertThat(login("made-up").statusCode()).isEqualTo(401);
    assertThat(login("made-up").body()).contains("role=\"alert\"");
    assertThat(login(token(Role.ROLE_ENROLMENT).getSecret()).statusCode()).isEqualTo(403);
    String scoped = bearer(token(Role.ROLE_VIEWER, "cam-*"));
    assertThat(get("/api/devices", "Authorization", scoped).statusCode()).isEqualTo(403);
  }

  @Test
  void eventsEndWhenTheirReadersTokenIsRevoked() throws Exception {
    CreateTokenResponse token = token(Role.ROLE_VIEWER);
    HttpResponse<InputStream> events =
        client.send(
            request("/api/devices/events").header("Authorization", bearer(token)).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(events.statusCode()).isEqualTo(200);
    admin
        .access()
        .revokeToken(RevokeTokenRequest.newBuilder().setId(token.getToken().getId()).build());
    assertThat(events.body().readAllBytes()).isNotNull();
  }

  @Test
  void plainTextGetsNoPage() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), plane.httpPort())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).doesNotContain("200").doesNotContain("status");
    }
  }
}
