package dev.heirloom.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.heirloom.control.cli.HostPort;
import dev.heirloom.control.cli.Publication;
import dev.heirloom.control.cli.grpc.ControlPlaneClient;
import dev.heirloom.control.cli.grpc.ControlPlaneException;
import dev.heirloom.control.fixture.Caller;
import dev.heirloom.control.fixture.TestAgent;
import dev.heirloom.control.fixture.TinyFamily;
import dev.heirloom.control.store.TrustDirectory;
import dev.heirloom.proto.v1.Blob;
import dev.heirloom.proto.v1.Desired;
import dev.heirloom.proto.v1.GetManifestRequest;
import dev.heirloom.proto.v1.GetManifestResponse;
import dev.heirloom.runtime.family.Digest;
import dev.heirloom.runtime.family.Family;
import dev.heirloom.runtime.trust.DeviceTrust;
import dev.heirloom.runtime.trust.ManifestRelease;
import dev.heirloom.runtime.trust.SigningKey;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustIT {
  private static final long MS = 1_000_000;

  private final Path data;
  private final Path keys;
  private final Path family;

  TrustIT(@TempDir Path directory) {
    this.data = directory.resolve("data");
    this.keys = directory.resolve("keys");
    this.family = directory.resolve("family");
  }

  private ControlPlane start() throws Exception {
    return ControlPlane.start(new ControlPlaneSettings(data, 0, 0));
  }

  private static DeviceTrust accept(DeviceTrust device, Desired order) throws Exception {
    return device
        .follow(order.getRostersList())
        .accept(
            ManifestRelease.parse(order.getRelease()),
            order.getFamily(),
            Digest.of(order.getManifest()),
            Instant.now());
  }

  @Test
  void everyOrderCarriesWhatPermitsItAlsoAfterTheKeyIsReplaced() throws Exception {
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort())) {
      caller.publish(TinyFamily.small());
      TestAgent.enrol(caller, "cam-1");
      DeviceTrust device;
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 10 * MS)) {
        Desired order = agent.desired();
        device = accept(DeviceTrust.none(), order);
        GetManifestResponse answer =
            caller.models().getManifest(GetManifestRequest.getDefaultInstance());
        assertThat(answer.getRelease()).isEqualTo(order.getRelease());
        assertThat(answer.getRostersList()).isEqualTo(order.getRostersList());
      }
      Path trust = data.resolve(ControlPlane.TRUST);
      TrustDirectory.open(trust, trust).rotate(false);
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 10 * MS)) {
        DeviceTrust followed = accept(device, agent.desired());
        assertThat(followed.roster().orElseThrow().version()).isEqualTo(2);
      }
    }
  }

  @Test
  void aControlPlaneWithoutAKeyTakesWhatWasSignedElsewhere() throws Exception {
    TrustDirectory.create(data.resolve(ControlPlane.TRUST), keys);
    TinyFamily tiny = TinyFamily.small();
    Family onDisk = Family.write(family, tiny.manifest(), tiny.blobs());
    try (ControlPlane plane = start();
        Caller caller = new Caller(plane.grpcPort());
        ControlPlaneClient client =
            new ControlPlaneClient(new HostPort("127.0.0.1", plane.grpcPort()))) {
      assertThatThrownBy(() -> Publication.publish(client, onDisk, sent -> {}))
          .isInstanceOf(ControlPlaneException.class)
          .hasMessageContaining("release: missing")
          .hasMessageContaining("'heirloom sign'");
      sign(onDisk, SigningKey.create());
      assertThatThrownBy(() -> Publication.publish(client, onDisk, sent -> {}))
          .hasMessageContaining("release: wrong software: ");
      sign(onDisk, SigningKey.read(keys.resolve("release.key")));
      Publication.publish(client, onDisk, sent -> {});
      TestAgent.enrol(caller, "cam-1");
      try (TestAgent agent = TestAgent.connect(caller, "cam-1", 10 * MS)) {
        accept(DeviceTrust.none(), agent.desired());
      }
    }
  }

  private static void sign(Family family, SigningKey key) throws Exception {
    Instant now = Instant.now();
    family.keep(
        ManifestRelease.create(
            family.manifest().getName(),
            3,
            Blob.newBuilder().setSha256(family.digest().bytes()).setSizeBytes(1).build(),
            now,
            now.plus(Duration.ofDays(1)),
            key));
  }
}
