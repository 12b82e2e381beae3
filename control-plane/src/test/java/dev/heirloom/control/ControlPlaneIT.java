package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.ListDevicesRequest;
import dev.heirloom.proto.v1.ListFamiliesRequest;
import dev.heirloom.proto.v1.Manifest;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.runtime.family.Manifests;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ControlPlaneIT {
  private static final long MS = 1_000_000;

  private final Path data;

  ControlPlaneIT(@TempDir Path data) {
    this.data = data;
  }

  private ControlPlane start() throws Exception {
    return ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
  }

  @Test
  void adaptsTheRungAndRemembersEverythingAfterARestart() throws Exception {
    TinyFamily family = TinyFamily.small();
    Desired last;
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      caller.publish(family);
      TestAgent.enrol(caller, "cam-1");
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 10 * MS)) {
        assertThat(agent.budget().getP95LatencyNs()).isEqualTo(10 * MS);
        Desired first = agent.desired();
        assertThat(first.getRung()).isEqualTo(1);
        fetchesTheRung(caller, first, family);
        agent.installed(first);

        agent.windows(8, first, (long) (1.1 * MS));
        Desired promoted = agent.desired();
        assertThat(promoted.getRung()).as(promoted.getReason()).isEqualTo(3);
        agent.installed(promoted);

        agent.windows(4, promoted, (long) (4.4 * MS));
        Device told =
            caller
                .fleet()
                .setBudget(
                    SetBudgetRequest.newBuilder()
                        .setName("cam-1")
                        .setBudget(Budget.newBuilder().setP95LatencyNs(3 * MS))
                        .build());
        assertThat(told.getBudgetSetByOperator()).isTrue();
        assertThat(agent.budget().getP95LatencyNs()).isEqualTo(3 * MS);
        last = agent.desired();
        assertThat(last.getRung()).as(last.getReason()).isEqualTo(2);
      }
    }
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      List<Device> devices =
          caller.fleet().listDevices(ListDevicesRequest.getDefaultInstance()).getDevicesList();
      assertThat(devices).extracting(Device::getName).containsExactly("cam-1");
      Device device = devices.get(0);
      assertThat(device.getOnline()).isFalse();
      assertThat(device.getDesiredRung()).isEqualTo(2);
      assertThat(device.getBudget().getP95LatencyNs()).isEqualTo(3 * MS);
      assertThat(device.getDecisionsList())
          .extracting(decision -> decision.getToRung())
          .containsExactly(1, 3, 2);
      assertThat(device.getDecisions(1).getOutcome().getWireBytes()).isEqualTo(1234);
      assertThat(
              caller
                  .models()
                  .listFamilies(ListFamiliesRequest.getDefaultInstance())
                  .getFamiliesList())
          .singleElement()
          .satisfies(
              found -> assertThat(found.getManifestSha256()).isEqualTo(family.digest().bytes()));
      try (TestAgent agent =
          TestAgent.connect(caller, "cam-1", 10 * MS, family.digest().bytes(), 3)) {
        Desired again = agent.desired();
        assertThat(again.getRung()).isEqualTo(2);
        assertThat(again.getDecision()).isEqualTo(last.getDecision());
      }
    }
  }

  private static void fetchesTheRung(Caller caller, Desired wanted, TinyFamily family)
      throws Exception {
    ByteString manifest = caller.fetch(wanted.getManifest().getSha256(), 0);
    assertThat(manifest).isEqualTo(family.manifest().toByteString());
    for (Blob blob : Manifests.needed(Manifest.parseFrom(manifest), wanted.getRung())) {
      ByteString whole = ByteString.copyFrom(family.blobs().read(blob));
      assertThat(caller.fetch(blob.getSha256(), 0)).isEqualTo(whole);
      assertThat(caller.fetch(blob.getSha256(), whole.size() / 2))
          .isEqualTo(whole.substring(whole.size() / 2));
      assertThat(caller.fetch(blob.getSha256(), whole.size())).isEqualTo(ByteString.EMPTY);
    }
  }

  @Test
  void tellsConnectedDevicesOfANewVersion() throws Exception {
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      TestAgent.enrol(caller, "cam-1");
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 0)) {
        agent.budget();
        caller.publish(TinyFamily.small());
        Desired first = agent.desired();
        agent.installed(first);
        TinyFamily next = TinyFamily.of("tiny", 8, 2);
        caller.publish(next);
        assertThat(agent.desired().getManifest().getSha256()).isEqualTo(next.digest().bytes());
      }
    }
  }

  @Test
  @Timeout(60)
  void keepsTheVersionsThatDevicesNeedAndRetiresTheOthers() throws Exception {
    TinyFamily needed = TinyFamily.of("tiny", 8, 1);
    TinyFamily between = TinyFamily.of("tiny", 8, 20);
    TinyFamily newest = TinyFamily.of("tiny", 8, 40);
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      caller.publish(needed);
      TestAgent.enrol(caller, "cam-1");
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 0)) {
        agent.installed(agent.desired());
      }
      while (online(caller)) {
        Thread.onSpinWait();
      }
      caller.publish(between);
      caller.publish(newest);
      assertThat(versions(caller)).hasSize(3);
    }
    ControlPlaneSettings one =
        new ControlPlaneSettings(
            data,
            0,
            0,
            ControlPlaneSettings.LOOPBACK,
            false,
            DeliverySettings.UNLIMITED,
            OptionalInt.of(1));
    try (ControlPlane plane = ControlPlane.start(one);
        Caller caller = new Caller(plane.grpcPort())) {
      while (versions(caller).size() > 2) {
        Thread.onSpinWait();
      }
      assertThat(versions(caller))
          .containsExactly(needed.digest().bytes(), newest.digest().bytes());
      assertThat(caller.fetch(needed.digest().bytes(), 0))
          .isEqualTo(needed.manifest().toByteString());
      TinyFamily next = TinyFamily.of("tiny", 8, 60);
      caller.publish(next);
      while (versions(caller).contains(newest.digest().bytes())) {
        Thread.onSpinWait();
      }
      assertThat(versions(caller)).containsExactly(needed.digest().bytes(), next.digest().bytes());
    }
  }

  private static boolean online(Caller caller) {
    return caller
        .fleet()
        .getDevice(GetDeviceRequest.newBuilder().setName("cam-1").build())
        .getOnline();
  }

  private static List<ByteString> versions(Caller caller) {
    return caller
        .models()
        .listFamilies(ListFamiliesRequest.getDefaultInstance())
        .getFamiliesList()
        .stream()
        .map(family -> family.getManifestSha256())
        .toList();
  }

  @Test
  void refusesADirectoryThatAnotherControlPlaneHolds() throws Exception {
    ControlPlane first = start();
    try (first) {
      assertThatThrownBy(this::start)
          .isInstanceOf(StartException.class)
          .hasMessageContaining("in use by another control plane");
    }
  }

  @Test
  void refusesAPortInUseAndLeavesNothingRunning() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> ControlPlane.start(new ControlPlaneSettings(data, port, 0)))
          .isInstanceOf(StartException.class)
          .hasMessage("gRPC port " + port + " on 127.0.0.1 is in use");
      assertThatThrownBy(() -> ControlPlane.start(new ControlPlaneSettings(data, 0, port)))
          .isInstanceOf(StartException.class)
          .hasMessage("HTTP port " + port + " on 127.0.0.1 is in use");
    }
    start().close();
  }

  @Test
  void refusesAHostThatOtherMachinesReach() {
    assertThatThrownBy(
            () ->
                ControlPlane.start(
                    new ControlPlaneSettings(
                        data, 0, 0, "0.0.0.0", false, DeliverySettings.UNLIMITED)))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("--insecure-beyond-loopback");
    assertThat(data).isEmptyDirectory();
  }

  @Test
  void refusesADataDirectoryThatIsAFile() throws Exception {
    Path file = Files.createFile(data.resolve("file"));
    assertThatThrownBy(() -> ControlPlane.start(new ControlPlaneSettings(file, 0, 0)))
        .isInstanceOf(StartException.class)
        .hasMessage("data directory " + file + " is not a directory");
  }

  @Test
  void refusesADamagedManifest() throws Exception {
    Path manifest;
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      TinyFamily family = TinyFamily.small();
      caller.publish(family);
      manifest = data.resolve("families/tiny/" + family.digest().hex() + ".manifest");
    }
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(manifest, bytes);
    assertThatThrownBy(this::start)
        .isInstanceOf(StartException.class)
        .hasMessageContaining(manifest.toString());
  }

  @Test
  void knowsADeviceThatEnrolledButNeverConnected() throws Exception {
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      TestAgent.enrol(caller, "cam-2");
    }
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      Device device =
          caller.fleet().getDevice(GetDeviceRequest.newBuilder().setName("cam-2").build());
      assertThat(device.getProfile().getLabelsMap()).containsEntry("site", "lab");
    }
  }
}
