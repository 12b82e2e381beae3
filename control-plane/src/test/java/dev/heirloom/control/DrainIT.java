package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.BlobRange;
import dev.heirloom.proto.v1.FetchRequest;
import dev.heirloom.proto.v1.FetchResponse;
import dev.heirloom.runtime.family.Manifests;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Iterator;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrainIT {
  private static final int INPUTS = 20_000;
  private static final long BYTES_PER_SECOND = 200_000;

  @TempDir private Path data;

  private ControlPlane start(Duration drain) throws Exception {
    return ControlPlane.start(
        new ControlPlaneSettings(
            data,
            0,
            0,
            ControlPlaneSettings.LOOPBACK,
            false,
            new DeliverySettings(
                OptionalLong.of(BYTES_PER_SECOND),
                OptionalLong.empty(),
                DeliverySettings.LEAST_BYTES_PER_SECOND,
                drain)));
  }

  /** Begins to fetch the largest blob of a family, stops the control plane, and goes on. */
  private void fetchWhileItStops(Duration drain) throws Exception {
    ControlPlane plane = start(drain);
    try (Caller caller = new Caller(plane.grpcPort())) {
      TinyFamily family = TinyFamily.of("large", INPUTS, 1);
      caller.publish(family);
      Blob largest =
          Manifests.all(family.manifest()).stream()
              .max(Comparator.comparingLong(Blob::getSizeBytes))
              .orElseThrow();
      Iterator<FetchResponse> pieces =
          caller
              .blockingAgents()
              .fetch(
                  FetchRequest.newBuilder()
                      .setDevice("slow")
                      .addBlobs(BlobRange.newBuilder().setSha256(largest.getSha256()))
                      .build());
      long bytes = pieces.next().getContent().size();
      assertThat(bytes).isLessThan(largest.getSizeBytes());
      Thread stopping = new Thread(plane::close);
      stopping.start();
      while (pieces.hasNext()) {
        bytes += pieces.next().getContent().size();
      }
      stopping.join();
      assertThat(bytes).isEqualTo(largest.getSizeBytes());
    } finally {
      plane.close();
    }
  }

  @Test
  void letsATransferEndBeforeItStops() throws Exception {
    fetchWhileItStops(Duration.ofSeconds(20));
  }

  @Test
  void endsATransferThatTakesTooLong() {
    assertThatThrownBy(() -> fetchWhileItStops(Duration.ZERO))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            thrown ->
                assertThat(thrown.getStatus().getCode())
                    .isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED));
  }
}
