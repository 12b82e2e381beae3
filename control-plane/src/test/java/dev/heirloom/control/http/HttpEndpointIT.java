package dev.heirloom.control.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.heirloom.control.ControlPlane;
import dev.heirloom.control.ControlPlaneSettings;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.Desired;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpEndpointIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long MS = 1_000_000;

  private final HttpClient client = HttpClient.newHttpClient();
  private final ControlPlane plane;
  private final Caller caller;
  private final TestAgent agent;

  HttpEndpointIT(@TempDir Path data) throws Exception {
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
    caller.publish(TinyFamily.small());
    TestAgent.enrol(caller, "cam-1");
    agent = TestAgent.connect(caller, "cam-1", 50 * MS);
    Desired first = agent.desired();
    agent.installed(first);
    agent.windows(3, first, 2 * MS);
    awaitDevice("\"sequence\":3");
  }

  @AfterAll
  void stop() {
    agent.close();
    caller.close();
    plane.close();
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + path))
        .timeout(Duration.ofSeconds(20))
        .build();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void cancelsAJobForThePageItselfOnly() throws Exception {
    assertThat(get("/api/jobs").body()).isEqualTo("{\"idle_trainers\":0,\"jobs\":[]}");
    assertThat(cancel().statusCode()).isEqualTo(403);
    assertThat(cancel("X-Heirloom", "cancel", "Origin", "http://elsewhere.example").statusCode())
        .isEqualTo(403);
    assertThat(cancel("X-Heirloom", "cancel", "Sec-Fetch-Site", "cross-site").statusCode())
        .isEqualTo(403);
    HttpResponse<String> asked = cancel("X-Heirloom", "cancel");
    assertThat(asked.statusCode()).isEqualTo(409);
    assertThat(asked.body()).isEqualTo("{\"error\":\"there is no job job-9\"}");
  }

  private HttpResponse<String> cancel(String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + plane.httpPort() + "/api/jobs/job-9/cancel"))
            .timeout(Duration.ofSeconds(20))
            .POST(HttpRequest.BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Reads the events until a device's holds {@code text}. */
  private String awaitDevice(String text) throws Exception {
    HttpResponse<InputStream> events =
        client.send(request("/api/devices/events"), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(events.headers().firstValue("content-type")).contains("text/event-stream");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data:") && line.contains(text)) {
          return line.substring("data:".length());
        }
      }
    }
    throw new AssertionError("the events ended without " + text);
  }

  @Test
  void tellsDevicesAsJson() throws Exception {
    JsonNode devices = JSON.readTree(get("/api/devices").body()).get("devices");
    assertThat(devices).hasSize(1);
    JsonNode device = devices.get(0);
    assertThat(device.get("name").asText()).isEqualTo("cam-1");
    assertThat(device.get("online").asBoolean()).isTrue();
    assertThat(device.get("rungs").asInt()).isEqualTo(3);
    assertThat(device.get("budget").get("p95_ns").asLong()).isEqualTo(50 * MS);
    assertThat(device.get("budget").get("origins").get("p95_ns").asText()).isEqualTo("its own");
    assertThat(device.get("misses")).isEmpty();
    assertThat(device.get("window").get("request").get("p95_ns").asLong()).isEqualTo(2 * MS);
    assertThat(device.get("flag").isNull()).isTrue();
    assertThat(device.get("field_accuracy").get("estimate").asDouble()).isEqualTo(0.9);
    assertThat(device.get("field_accuracy").get("labels").asLong()).isEqualTo(1200);
    assertThat(device.get("decisions").get(0).get("from").isNull()).isTrue();
    assertThat(device.get("decisions").get(0).get("outcome").get("installed").asBoolean()).isTrue();
    assertThat(JSON.readTree(get("/api/devices/cam-1").body()).get("name").asText())
        .isEqualTo("cam-1");
    assertThat(get("/api/devices/nobody").statusCode()).isEqualTo(404);
  }

  @Test
  void tellsEachDeviceOnceAndThenItsChanges() throws Exception {
    JsonNode device = JSON.readTree(awaitDevice("\"name\":\"cam-1\""));
    assertThat(device.get("device_class").asText()).isEqualTo("bench");
  }

  @Test
  void tellsFamiliesAsJson() throws Exception {
    JsonNode family = JSON.readTree(get("/api/families").body()).get("families").get(0);
    assertThat(family.get("name").asText()).isEqualTo("tiny");
    assertThat(family.get("rungs")).hasSize(3);
    assertThat(family.get("teacher").get("accuracy").asDouble()).isEqualTo(0.93);
  }

  @Test
  void tellsMetricsWithoutNamingADevice() throws Exception {
    HttpResponse<String> metrics = get("/metrics");
    assertThat(metrics.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(metrics.body())
        .contains("heirloom_devices{state=\"online\"} 1.0")
        .contains("heirloom_windows_total{source=\"traffic\"} 3.0")
        .contains("heirloom_decisions_total{kind=\"assigned\"} 1.0")
        .contains("heirloom_outcomes_total{result=\"installed\"} 1.0")
        .contains("heirloom_published_total 1.0")
        .contains("heirloom_collected_bytes_total 0.0")
        .contains("# TYPE heirloom_stored_bytes gauge")
        .contains("heirloom_devices_serving{family=\"tiny\",rung=\"1\"} 1.0")
        .contains(
            "heirloom_request_latency_seconds{family=\"tiny\",quantile=\"0.95\",rung=\"1\"} 0.002")
        .contains("heirloom_field_accuracy_ratio{family=\"tiny\",rung=\"1\"} 0.9")
        .contains("heirloom_field_accuracy_labels{family=\"tiny\",rung=\"1\"} 1200.0")
        .contains("heirloom_devices_flagged{kind=\"under-floor\"} 0.0")
        .contains("heirloom_devices_flagged{kind=\"drifted\"} 0.0")
        .contains("heirloom_window_request_p95_seconds_count{family=\"tiny\",rung=\"1\"} 3")
        .contains("heirloom_grpc_calls_total{code=\"OK\",method=\"heirloom.v1.Agents/Enrol\"} 1.0")
        .contains("jvm_memory_used_bytes")
        .doesNotContain("cam-1");
  }

  @Test
  void saysThatItIsUp() throws Exception {
    HttpResponse<String> health = get("/health");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(health.body()).isEqualTo("{\"status\":\"up\",\"fleet\":true,\"journal\":true}");
  }

  @Test
  void saysThatCallsMayBeSent() throws Exception {
    HttpResponse<String> ready = get("/ready");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).isEqualTo("{\"status\":\"ready\"}");
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html",
    "/app.css, text/css",
    "/app.js, text/javascript",
    "/favicon.svg, image/svg+xml"
  })
  void servesTheDashboardFromItsOwnResources(String path, String type) throws Exception {
    HttpResponse<String> page = get(path);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type"))
        .hasValueSatisfying(found -> assertThat(found).startsWith(type));
    assertThat(page.headers().firstValue("content-security-policy"))
        .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'self'"));
    assertThat(page.body().replace("http://www.w3.org/", "")).doesNotContain("http://", "https://");
  }

  @Test
  void refusesWhatItDoesNotServe() throws Exception {
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
    HttpRequest post =
        HttpRequest.newBuilder(request("/api/devices").uri())
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertThat(client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
  }
}
