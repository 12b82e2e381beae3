package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.PlaneProcess;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Budget;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.Device;
import dev.heirloom.proto.v1.GetDeviceRequest;
import dev.heirloom.proto.v1.OfferRequest;
import dev.heirloom.proto.v1.SetBudgetRequest;
import dev.heirloom.runtime.family.Manifests;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KilledControlPlaneIT {
  private static final long MS = 1_000_000;

  private final Path data;

  KilledControlPlaneIT(@TempDir Path data) {
    this.data = data;
  }

  @Test
  void knowsAfterAKillWhatItHadAnswered() throws Exception {
    TinyFamily family = TinyFamily.small();
    TinyFamily next = TinyFamily.of("tiny", 8, 7);
    List<Blob> blobs = Manifests.all(next.manifest());
    Desired desired;
    try (PlaneProcess plane = PlaneProcess.start(data);
        Caller caller = new Caller(plane.port())) {
      caller.publish(family);
      TestAgent.enrol(caller, "cam-1");
      TestAgent agent = TestAgent.connect(caller, "cam-1", 10 * MS);
      desired = agent.desired();
      // Half of the next version is on its way when the process ends.
      Caller.Publishing publishing = caller.startPublish();
      publishing.manifest(next.manifest().toByteString());
      for (Blob blob : blobs.subList(0, blobs.size() / 2)) {
        publishing.piece(blob.getSha256(), 0, ByteString.copyFrom(next.blobs().read(blob)));
      }
      caller
          .fleet()
          .setBudget(
              SetBudgetRequest.newBuilder()
                  .setName("cam-1")
                  .setBudget(Budget.newBuilder().setP95LatencyNs(4 * MS))
                  .build());
      plane.kill();
    }
    try (PlaneProcess plane = PlaneProcess.start(data);
        Caller caller = new Caller(plane.port())) {
      Device device =
          caller.fleet().getDevice(GetDeviceRequest.newBuilder().setName("cam-1").build());
      assertThat(device.getDesiredRung()).isEqualTo(desired.getRung());
      assertThat(device.getBudget().getP95LatencyNs()).isEqualTo(4 * MS);
      assertThat(device.getManifestSha256()).isEqualTo(family.digest().bytes());
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 10 * MS)) {
        assertThat(agent.desired().getDecision()).isEqualTo(desired.getDecision());
        assertThat(missing(caller, next)).isLessThanOrEqualTo(blobs.size());
        caller.publish(next);
        assertThat(missing(caller, next)).isZero();
        assertThat(agent.desired().getManifest().getSha256()).isEqualTo(next.digest().bytes());
      }
    }
  }

  private static int missing(Caller caller, TinyFamily family) {
    return caller
        .teachers()
        .offer(OfferRequest.newBuilder().setManifest(family.manifest().toByteString()).build())
        .getMissingCount();
  }
}
