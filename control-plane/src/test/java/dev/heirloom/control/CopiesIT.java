package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.Waiting;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.GetDeviceRequest;
import io.grpc.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two streams under one device's name, over the wire. */
class CopiesIT {
  private final ControlPlane plane;
  private final Caller caller;

  CopiesIT(@TempDir Path data) throws Exception {
    plane = ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
    caller = new Caller(plane.grpcPort());
    TestAgent.enrol(caller, "cam-1");
  }

  @AfterEach
  void stop() {
    caller.close();
    plane.close();
  }

  private Device device() {
    return caller.fleet().getDevice(GetDeviceRequest.newBuilder().setName("cam-1").build());
  }

  private String page(String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + plane.httpPort() + path)).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  @Test
  void theNewerOfTwoLiveProcessesIsRefusedCountedAndShown() throws Exception {
    try (TestAgent first = TestAgent.ofProcess(caller, "cam-1", 1)) {
      first.budget();
      TestAgent copy = TestAgent.ofProcess(caller, "cam-1", 2);
      first.showSignOfLife();
      assertThat(Status.fromThrowable(copy.end()).getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
      assertThat(device().getOnline()).isTrue();
      assertThat(device().getCopy().getTimes()).isEqualTo(1);
      assertThat(page("/metrics")).contains("heirloom_refused_calls_total{kind=\"copy\"} 1.0");
      Waiting.until(
          () -> {
            try {
              return page("/api/devices/cam-1").contains("\"times\":1");
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
    }
  }

  @Test
  void aProcessThatIsGoneWithoutItsStreamHavingEndedGivesWay() throws Exception {
    TestAgent.ofProcess(caller, "cam-1", 1).budget();
    try (TestAgent second = TestAgent.ofProcess(caller, "cam-1", 2)) {
      // Eight seconds, in which the first says nothing.
      second.budget();
      assertThat(device().getOnline()).isTrue();
      assertThat(device().hasCopy()).isFalse();
    }
  }

  @Test
  void aProcessThatConnectsAgainIsNoCopy() throws Exception {
    TestAgent older = TestAgent.ofProcess(caller, "cam-1", 1);
    older.budget();
    try (TestAgent again = TestAgent.ofProcess(caller, "cam-1", 1)) {
      again.budget();
      assertThat(Status.fromThrowable(older.end()).getCode()).isEqualTo(Status.Code.ABORTED);
      assertThat(device().hasCopy()).isFalse();
    }
  }
}
